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

/** {@code bench MODEL...}: latency, measured in turn. */
final class BenchCommand implements Callable<Integer> {
  private final Options options;
  private final DeviceOptions device;
  private final Argument<List<Path>> models;
  private final Argument<Map<String, String>> shapes;
  private final EffortOptions effort;
  private final Argument<Boolean> nodes;
  private final Argument<Boolean> json;

  BenchCommand(Options options) {
    this.options = options;
    options.describe("Measures the latency of models on a device, in turn, with intervals.");
    models = options.parameters("MODEL", Path.class, "ONNX files; the first is what the others are compared with.");
    device = new DeviceOptions(options);
    shapes = options.map("--shape", "NAME=1x3x32x32",
        "Shape of an input whose own is not fully known (unknown dimensions are 1).");
    effort = new EffortOptions(options, "Counted runs of each model (default: ${DEFAULT-VALUE}; 459 give a P99).",
        "Bound on the time of all counted runs (default: ${DEFAULT-VALUE}).");
    nodes = options.flag("--nodes", "Shows the median time of each step over 20 more, profiled runs.");
    json = options.flag("--json", "Prints JSON.");
  }

  @Override
  public Integer call() {
    Effort bound = effort.effort();
    Map<String, Shape> parsed = new LinkedHashMap<>();
    shapes.get().forEach((name, text) -> parsed.put(name, shape(name, text)));
    try (Backend backend = Backends.open(device.device())) {
      Benchmark benchmark = new Benchmark(backend, device.compileOptions().withProfile(nodes.get()), bound);
      BenchResult result = benchmark.run(models.get(), parsed, TerminalProgress.create());
      options.out().print(json.get() ? JsonReport.of(result) : BenchText.of(result));
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
