package dev.dwindle.backend.cuda;

import dev.dwindle.backend.EnergyCounter;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The energy of a GPU by NVIDIA's management library (NVML), which comes with the driver; it is counted by Volta and later. */
final class Nvml implements EnergyCounter {
  private static final int NOT_SUPPORTED = 3;
  private static final int BUS_ID_BYTES = 32;

  private final String device;
  private Driver library;
  /** NVML's handle of the GPU. */
  private long handle;
  private String missing;

  /**
   * The counter of a GPU.
   *
   * @param device by its name, for messages
   * @param library of NVML, by name or path
   */
  Nvml(String device, String library, Probe probe) {
    this.device = device;
    try (Arena arena = Arena.ofConfined()) {
      // The two count GPUs in different orders.
      MemorySegment bus = probe.busId(arena.allocate(BUS_ID_BYTES));
      this.library = open(library);
      check("nvmlInit_v2");
      MemorySegment found = arena.allocate(ValueLayout.ADDRESS);
      check("nvmlDeviceGetHandleByPciBusId_v2", bus, found);
      handle = found.get(ValueLayout.JAVA_LONG, 0);
      read();
    } catch (DeviceUnavailableException e) {
      missing = e.getMessage();
    }
  }

  /** With the library that the property {@code dwindle.cuda.nvml} names, where the system does not find it by itself. */
  Nvml(String device, Probe probe) {
    this(device, System.getProperty("dwindle.cuda.nvml", "libnvidia-ml.so.1"), probe);
  }

  private Driver open(String name) {
    try {
      return Driver.open(name);
    } catch (DeviceUnavailableException e) {
      throw new DeviceUnavailableException("the energy of " + device + ": " + name + " was not found, or does not load",
          e);
    }
  }

  private void check(String function, Object... arguments) {
    int code = library.call(function, arguments);
    if (code == NOT_SUPPORTED) throw new DeviceUnavailableException(device + " does not count its energy");
    if (code != 0) {
      throw new DeviceUnavailableException("the energy of " + device + ": " + function + " failed with " + code);
    }
  }

  /** In millijoules. */
  private long read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
      check("nvmlDeviceGetTotalEnergyConsumption", handle, word);
      return word.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  @Override
  public String missing() {
    return missing;
  }

  @Override
  public double microjoules() {
    try {
      return missing == null ? 1e3 * read() : Double.NaN;
    } catch (DeviceUnavailableException e) {
      return Double.NaN;
    }
  }
}
