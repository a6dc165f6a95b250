package dev.dwindle.cli;

import dev.dwindle.engine.Validation;
import dev.dwindle.result.JobResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code validate ORIGINAL COMPRESSED}: measures one model file against another. */
final class ValidateCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> original;
  private final Argument<Path> compressed;
  private final DataOptions data;
  private final DevicesOptions devices;
  private final GateOptions gates;
  private final ReportOptions report;

  ValidateCommand(Options options) {
    this.options = options;
    options.describe("Measures a compressed model against its original on a device or several.");
    original = options.parameter("ORIGINAL", Path.class, "An ONNX file.");
    compressed = options.parameter("COMPRESSED", Path.class, "An ONNX file with the same inputs and outputs.");
    data = new DataOptions(options);
    devices = new DevicesOptions(options);
    gates = new GateOptions(options);
    report = new ReportOptions(options);
  }

  @Override
  public Integer call() {
    Validation.Plan plan = new Validation.Plan(
        devices.devices(), devices.threads(), gates.gates(), gates.effort(), CommandText.of(options.spec()),
        TerminalProgress.create());
    List<Path> reports = report.files(null, original.get(), compressed.get());
    JobResult result = Validation.run(original.get(), compressed.get(), data.require(), plan);
    return report.tell(result, reports, options.out());
  }
}
