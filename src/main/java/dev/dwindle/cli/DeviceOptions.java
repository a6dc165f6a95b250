package dev.dwindle.cli;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.tensor.InvalidInputException;
import picocli.CommandLine.Option;

/** Where models run: device and threads. */
final class DeviceOptions {
  @Option(names = "--device", paramLabel = "D", defaultValue = "cpu", description = "Device to run on (default: ${DEFAULT-VALUE}); 'dwindle devices' lists them.")
  String device;

  @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "Worker threads; 0 for all cores (default: ${DEFAULT-VALUE}).")
  int threads;

  CompileOptions compileOptions() {
    if (threads < 0 || threads > 1024) {
      throw new InvalidInputException("--threads: found " + threads + ", expected 0 to 1024");
    }
    return CompileOptions.DEFAULT.withThreads(threads);
  }
}
