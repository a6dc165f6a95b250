package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.Inspection;
import dev.dwindle.report.JsonReport;
import dev.dwindle.report.SummaryText;
import dev.dwindle.result.ModelSummary;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code inspect MODEL}: what is in a model file. */
final class InspectCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> model;
  private final Argument<String> device;
  private final Argument<Boolean> hash;
  private final Argument<Boolean> json;

  InspectCommand(Options options) {
    this.options = options;
    options.describe("Shows what is in a model file and what a device does not run of it.");
    model = options.parameter("MODEL", Path.class, "An ONNX file.");
    device = options.option("--device", "D", String.class, "cpu", "Device (default: ${DEFAULT-VALUE}).");
    hash = options.flag("--hash", "Computes the SHA-256 of the file, which reads all of it.");
    json = options.flag("--json", "Prints JSON.");
  }

  @Override
  public Integer call() {
    try (Backend backend = Backends.open(device.get())) {
      ModelSummary summary = Inspection.inspect(model.get(), backend, hash.get());
      options.out().print(json.get() ? JsonReport.of(summary) : SummaryText.of(summary, device.get()));
      return ExitCode.DONE;
    }
  }
}
