package dev.dwindle.backend.cuda;

import dev.dwindle.backend.UserCache;
import java.util.HashMap;
import java.util.Map;

/** The GPUs that this process has opened, each once. */
final class Gpus {
  private static final Map<Probe, DriverDevice> OPEN = new HashMap<>();
  private static long bound;

  private Gpus() {}

  static synchronized void limitMemory(long bytes) {
    bound = bytes;
  }

  /** A GPU that is open already; null where it is not. */
  static synchronized DriverDevice opened(Probe probe) {
    return OPEN.get(probe);
  }

  /** @throws dev.dwindle.tensor.DeviceUnavailableException where it takes no work */
  static synchronized DriverDevice open(String name, Probe probe) {
    return OPEN.computeIfAbsent(probe, asked -> asked.open(name, cubins(), bound, Blas.library()));
  }

  /** The kernels in the user's cache. */
  static Cubins cubins() {
    return Cubins.of(UserCache.folder().resolve("cubins"));
  }
}
