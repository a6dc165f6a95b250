package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.engine.ModelRun;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run MODEL}: one run, from arrays to arrays. */
@Command(name = "run", description = "Runs a model once on the arrays of a NumPy file.")
final class RunCommand implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  Path model;

  @Option(names = "--inputs", paramLabel = "X.npz", required = true, description = "The inputs: an array for each, by name.")
  Path inputs;

  @Option(names = "--output", paramLabel = "Y.npz", required = true, description = "Where the outputs go, by name.")
  Path output;

  @Mixin
  DeviceOptions device;

  @Override
  public Integer call() {
    OutputFolder.require(output, model, inputs);
    try (Backend backend = Backends.open(device.device)) {
      Map<String, Tensor> results = ModelRun.run(model, inputs, output, backend, device.compileOptions());
      results.forEach((name, tensor) -> spec.commandLine().getOut().println(name + ": " + tensor));
      return ExitCode.DONE;
    }
  }
}
