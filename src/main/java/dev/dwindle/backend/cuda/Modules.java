package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The kernels of a device, each file of them compiled and loaded when one of its kernels is first asked for. Used by one thread at a time. */
final class Modules {
  /** Calls the driver. */
  interface Caller {
    void check(String function, Object... arguments);
  }

  private final String device;
  private final Caller driver;
  private final Cubins cubins;
  private final int capability;
  private final Map<String, Long> files = new HashMap<>();
  private final Map<Kernel, Long> functions = new HashMap<>();

  Modules(String device, Caller driver, Cubins cubins, int capability) {
    this.device = device;
    this.driver = driver;
    this.cubins = cubins;
    this.capability = capability;
  }

  /**
   * The driver's handle of a kernel.
   *
   * @throws DeviceUnavailableException where it does not compile, with the compiler's log
   * @throws dev.dwindle.tensor.DeviceMemoryException where the device has no memory for it
   */
  long function(Kernel kernel) {
    Long known = functions.get(kernel);
    if (known != null) return known;
    Long module = files.get(kernel.file());
    if (module == null) {
      module = load(kernel.file());
      files.put(kernel.file(), module);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
      driver.check("cuModuleGetFunction", word, module, arena.allocateFrom(kernel.name()));
      long function = word.get(ValueLayout.JAVA_LONG, 0);
      functions.put(kernel, function);
      return function;
    }
  }

  private long load(String file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocateFrom(ValueLayout.JAVA_BYTE, compiled(file));
      MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
      driver.check("cuModuleLoadData", word, image);
      return word.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private byte[] compiled(String file) {
    try {
      return cubins.of(KernelSource.of(file), capability);
    } catch (IllegalStateException e) {
      throw new DeviceUnavailableException(
          "device '" + device + "': a kernel does not compile for sm_" + capability + ": " + e.getMessage(), e);
    }
  }

  /** The driver's handles of all files that are loaded. */
  Collection<Long> loaded() {
    return files.values();
  }
}
