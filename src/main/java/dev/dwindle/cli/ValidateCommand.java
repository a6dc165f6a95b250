package dev.dwindle.cli;

import dev.dwindle.engine.Validation;
import dev.dwindle.result.JobResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code validate ORIGINAL COMPRESSED}: measures one model file against another. */
@Command(name = "validate", description = "Measures a compressed model against its original on a device.")
final class ValidateCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Parameters(index = "0", paramLabel = "ORIGINAL", description = "An ONNX file.")
  Path original;

  @Parameters(index = "1", paramLabel = "COMPRESSED", description = "An ONNX file with the same inputs and outputs.")
  Path compressed;

  @Mixin
  DataOptions data;
  @Mixin
  DeviceOptions device;
  @Mixin
  GateOptions gates;
  @Mixin
  ReportOptions report;

  @Override
  public Integer call() {
    device.compileOptions();
    Validation.Plan plan = new Validation.Plan(
        device.device, device.threads, gates.gates(), gates.effort(), CommandText.of(spec), TerminalProgress.create());
    List<Path> reports = report.files(null, original, compressed);
    JobResult result = Validation.run(original, compressed, data.require(), plan);
    return report.tell(result, reports, spec.commandLine().getOut());
  }
}
