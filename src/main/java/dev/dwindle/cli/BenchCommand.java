package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.Benchmark;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.report.BenchText;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.BenchResult;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bench MODEL...}: latency, measured in turn. */
@Command(name = "bench", description = "Measures the latency of models on a device, in turn, with intervals.")
final class BenchCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Mixin
  DeviceOptions device;

  @Parameters(paramLabel = "MODEL", arity = "1..*", description = "ONNX files; the first is what the others are compared with.")
  List<Path> models;

  @Option(names = "--shape", paramLabel = "NAME=1x3x32x32", description = "Shape of an input whose own is not fully known (unknown dimensions are 1).")
  Map<String, String> shapes = Map.of();

  @Option(names = "--runs", paramLabel = "N", defaultValue = "500", description = "Counted runs of each model (default: ${DEFAULT-VALUE}; 459 give a P99).")
  int runs;

  @Option(names = "--seconds", paramLabel = "S", defaultValue = "20", description = "Bound on the time of all counted runs (default: ${DEFAULT-VALUE}).")
  double seconds;

  @Option(names = "--nodes", description = "Shows the median time of each step over 20 more, profiled runs.")
  boolean nodes;

  @Option(names = "--json", description = "Prints JSON.")
  boolean json;

  @Override
  public Integer call() {
    if (runs < 1 || !(seconds > 0)) {
      throw new InvalidInputException(
          "--runs " + runs + ", --seconds " + seconds + ": expected at least 1 and more than 0");
    }
    Map<String, Shape> parsed = new LinkedHashMap<>();
    shapes.forEach((name, text) -> parsed.put(name, shape(name, text)));
    try (Backend backend = Backends.open(device.device)) {
      Benchmark benchmark = new Benchmark(backend, device.compileOptions().withProfile(nodes),
          new Effort(runs, seconds));
      BenchResult result = benchmark.run(models, parsed, TerminalProgress.create());
      spec.commandLine().getOut().print(json ? JsonReport.of(result) : BenchText.of(result));
      return ExitCode.DONE;
    }
  }

  private static Shape shape(String name, String text) {
    if (!text.matches("\\d{1,18}([x,]\\d{1,18})*")) {
      throw new InvalidInputException("--shape " + name + "=" + text + ": expected dimensions such as 1x3x224x224");
    }
    return Shape.of(Arrays.stream(text.split("[x,]")).mapToLong(Long::parseLong).toArray());
  }
}
