package dev.dwindle.cli;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.tensor.InvalidInputException;

/** Where models run: device and threads. */
final class DeviceOptions {
  private final Argument<String> device;
  private final Argument<Integer> threads;

  DeviceOptions(Options options) {
    device = options.option("--device", "D", String.class, "cpu",
        "Device to run on (default: ${DEFAULT-VALUE}); 'dwindle devices' lists them.");
    threads = options.option("--threads", "N", int.class, "0",
        "Worker threads; 0 for all cores (default: ${DEFAULT-VALUE}).");
  }

  String device() {
    return device.get();
  }

  int threads() {
    return threads.get();
  }

  CompileOptions compileOptions() {
    if (threads() < 0 || threads() > 1024) {
      throw new InvalidInputException("--threads: found " + threads() + ", expected 0 to 1024");
    }
    return CompileOptions.DEFAULT.withThreads(threads());
  }
}
