package dev.dwindle.cli;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.catalog.Backends;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;

/** Where models run: device, threads and precision. */
final class DeviceOptions {
  private static final String STANDARD = "cpu";

  private final Argument<String> device;
  private final Argument<Integer> threads;
  private final Argument<String> precision;
  private final Argument<String> memory;

  DeviceOptions(Options options) {
    device = options.option("--device", "D", String.class,
        "Device to run on (default: " + STANDARD + "); 'dwindle devices' lists them.");
    threads = options.option("--threads", "N", int.class, "0",
        "Worker threads; 0 for all cores (default: ${DEFAULT-VALUE}).");
    precision = options.option("--precision", "P", String.class,
        "Arithmetic of the device: f32, tf32, bf16 or f16, as far as it has them (default: f32); the same as DEVICE@P.");
    memory = options.option("--device-memory", "SIZE", String.class,
        "What a GPU of NVIDIA's may give, such as 800M or 2GiB: a model that needs more runs layer by layer (default: what it has).");
  }

  /** The name of the device, with the precision to compute in; its memory is limited from now on, as far as that was asked for. */
  String device() {
    String name = withPrecision(isGiven() ? device.get() : STANDARD);
    limitMemory(List.of(name));
    return name;
  }

  private String withPrecision(String name) {
    if (!hasPrecision()) return name;
    String word = Precision.of("--precision", precision.get()).word();
    if (name.contains("@")) {
      throw new InvalidInputException("--precision " + word + ": found beside --device " + name
          + ", which names one already; leave one of them out");
    }
    return name + "@" + word;
  }

  /** Limits the memory of devices, as far as that was asked for, which are opened by these names from now on. */
  void limitMemory(List<String> devices) {
    if (memory.get() == null) return;
    if (devices.stream().noneMatch(Backends::hasMemoryLimit)) {
      throw new InvalidInputException("--device-memory: found beside " + String.join(", ", devices)
          + ", expected a device with memory of its own, such as cuda:0");
    }
    Backends.limitMemory(MemorySize.bytes("--device-memory", memory.get()));
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
