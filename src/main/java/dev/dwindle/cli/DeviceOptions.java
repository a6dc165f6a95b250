package dev.dwindle.cli;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.tensor.InvalidInputException;

/** Where models run: device, threads and precision. */
final class DeviceOptions {
  private static final String STANDARD = "cpu";

  private final Argument<String> device;
  private final Argument<Integer> threads;
  private final Argument<String> precision;

  DeviceOptions(Options options) {
    device = options.option("--device", "D", String.class,
        "Device to run on (default: " + STANDARD + "); 'dwindle devices' lists them.");
    threads = options.option("--threads", "N", int.class, "0",
        "Worker threads; 0 for all cores (default: ${DEFAULT-VALUE}).");
    precision = options.option("--precision", "P", String.class,
        "Arithmetic of the device: f32, bf16 or f16, as far as it has them (default: f32); the same as DEVICE@P.");
  }

  /** The name of the device, with the precision to compute in. */
  String device() {
    String name = isGiven() ? device.get() : STANDARD;
    if (!hasPrecision()) return name;
    String word = Precision.of("--precision", precision.get()).word();
    if (name.contains("@")) {
      throw new InvalidInputException("--precision " + word + ": found beside --device " + name
          + ", which names one already; leave one of them out");
    }
    return name + "@" + word;
  }

  /** Whether the command line names the device. */
  boolean isGiven() { return device.get() != null; }

  /** Whether it names a precision. */
  boolean hasPrecision() { return precision.get() != null; }

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
