package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.ModelRun;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code run MODEL}: one run, from arrays to arrays. */
final class RunCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Path> model;
  private final Argument<Path> inputs;
  private final Argument<Path> output;
  private final DeviceOptions device;

  RunCommand(Options options) {
    this.options = options;
    options.describe("Runs a model once on the arrays of a NumPy file.");
    model = options.parameter("MODEL", Path.class, "An ONNX file.");
    inputs = options.required("--inputs", "X.npz", Path.class, "The inputs: an array for each, by name.");
    output = options.required("--output", "Y.npz", Path.class, "Where the outputs go, by name.");
    device = new DeviceOptions(options);
  }

  @Override
  public Integer call() {
    OutputFolder.require(output.get(), model.get(), inputs.get());
    try (Backend backend = Backends.open(device.device())) {
      Map<String, Tensor> results = ModelRun.run(model.get(), inputs.get(), output.get(), backend,
          device.compileOptions());
      results.forEach((name, tensor) -> options.out().println(name + ": " + tensor));
      return ExitCode.DONE;
    }
  }
}
