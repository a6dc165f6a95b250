package dev.dwindle.cli;

import dev.dwindle.pack.Packing;
import dev.dwindle.pack.Preset;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;

/** {@code pack MODEL -o SMALL.dwz}: a model for storage and transfer. */
final class PackCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> model;
  private final Argument<Path> output;
  private final Argument<Preset> preset;
  private final WorkerOptions workers;

  PackCommand(Options options) {
    this.options = options;
    options.describe("Packs a model file without loss: unpacking gives the same bytes.");
    model = options.parameter("MODEL", Path.class, "An ONNX file without external data.");
    output = options.required("-o, --output", "OUT.dwz", Path.class, "Where the packed file goes.");
    preset = options.option("--preset", "P", Preset.class, "small",
        "small: the fewest bytes; fast: nearly as few, many times faster (default: ${DEFAULT-VALUE}).");
    workers = new WorkerOptions(options);
  }

  @Override
  public Integer call() {
    int threads = workers.threads();
    OutputFolder.require(output.get(), model.get());
    Packing.Result result = Packing.pack(model.get(), output.get(), preset.get(), threads);
    options.out().printf(Locale.ROOT, "%s: %,d -> %,d bytes, %.3f times smaller%n", output.get(), result.model(),
        result.packed(), (double) result.model() / result.packed());
    return ExitCode.DONE;
  }
}
