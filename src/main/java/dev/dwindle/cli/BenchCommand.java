package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.BenchPlan;
import dev.dwindle.engine.Benchmark;
import dev.dwindle.report.BenchCsv;
import dev.dwindle.report.BenchText;
import dev.dwindle.report.JsonReport;
import dev.dwindle.report.html.BenchPage;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code bench MODEL...}: speed in one of four scenarios, measured in turn. */
final class BenchCommand implements Callable<Integer> {
  private final Options options;
  private final DeviceOptions device;
  private final Argument<List<Path>> models;
  private final Argument<Map<String, String>> shapes;
  private final ScenarioOptions scenario;
  private final Argument<Boolean> nodes;
  private final Argument<Boolean> json;
  private final Argument<Path> csv;
  private final Argument<List<Path>> reports;

  BenchCommand(Options options) {
    this.options = options;
    options.describe("Measures the speed of models on a device, in turn, with intervals.");
    models = options.parameters("MODEL", Path.class, "ONNX files; the first is what the others are compared with.");
    device = new DeviceOptions(options);
    shapes = options.map("--shape", "NAME=1x3x32x32",
        "Shape of an input whose own is not fully known (unknown dimensions are 1).");
    scenario = new ScenarioOptions(options);
    nodes = options.flag("--nodes", "Shows the median time of each step over 20 more, profiled runs.");
    json = options.flag("--json", "Prints JSON.");
    csv = options.option("--csv", "FILE", Path.class, "Writes a table, one line for each model.");
    reports = options.list("--report", "FILE", Path.class,
        "A report file: a page where it ends in .html, the record behind it where it ends in .json; may be given for both.");
  }

  @Override
  public Integer call() {
    BenchPlan plan = scenario.plan();
    Map<String, Shape> parsed = new LinkedHashMap<>();
    shapes.get().forEach((name, text) -> parsed.put(name, shape(name, text)));
    Path[] read = models.get().toArray(Path[]::new);
    if (csv.get() != null) OutputFolder.require(csv.get(), read);
    reports.get().forEach(file -> ReportOptions.require(file, read));
    try (Backend backend = Backends.open(device.device())) {
      Benchmark benchmark = new Benchmark(backend, device.compileOptions().withProfile(nodes.get()), plan);
      tell(benchmark.run(models.get(), parsed, TerminalProgress.create()));
      return ExitCode.DONE;
    }
  }

  private void tell(BenchResult result) {
    if (csv.get() != null) OutputFile.write(csv.get(), BenchCsv.of(result));
    for (Path file : reports.get()) {
      OutputFile.write(file, ReportOptions.isPage(file) ? BenchPage.of(result) : JsonReport.of(result));
    }
    options.out().print(json.get() ? JsonReport.of(result) : BenchText.of(result));
    if (json.get()) return;
    if (csv.get() != null) options.out().println("table: " + csv.get());
    reports.get().forEach(file -> options.out().println("report: " + file));
  }

  private static Shape shape(String name, String text) {
    if (!text.matches("\\d{1,18}([x,]\\d{1,18})*")) {
      throw new InvalidInputException("--shape " + name + "=" + text + ": expected dimensions such as 1x3x224x224");
    }
    return Shape.of(Arrays.stream(text.split("[x,]")).mapToLong(Long::parseLong).toArray());
  }
}
