package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.Inspection;
import dev.dwindle.report.JsonReport;
import dev.dwindle.report.SummaryText;
import dev.dwindle.result.ModelSummary;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inspect MODEL}: what is in a model file. */
@Command(name = "inspect", description = "Shows what is in a model file and what a device does not run of it.")
final class InspectCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  Path model;

  @Option(names = "--device", paramLabel = "D", defaultValue = "cpu", description = "Device (default: ${DEFAULT-VALUE}).")
  String device;

  @Option(names = "--hash", description = "Computes the SHA-256 of the file, which reads all of it.")
  boolean hash;

  @Option(names = "--json", description = "Prints JSON.")
  boolean json;

  @Override
  public Integer call() {
    try (Backend backend = Backends.open(device)) {
      ModelSummary summary = Inspection.inspect(model, backend, hash);
      spec.commandLine().getOut().print(json ? JsonReport.of(summary) : SummaryText.of(summary, device));
      return ExitCode.DONE;
    }
  }
}
