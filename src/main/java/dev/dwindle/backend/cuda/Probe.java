package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Asks NVIDIA's driver, where there is one, for a GPU by its number. Nothing is loaded that needs a driver to load.
 *
 * @param library the driver's, by name or path
 * @param number counted from 0
 */
record Probe(String library, int number) {
  private static final int OLDEST_DRIVER = 13000;
  private static final int OLDEST_CAPABILITY = 75;
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;
  private static final int NAME_BYTES = 256;

  /** With the library that the property {@code dwindle.cuda.driver} names, where the system does not find the driver's by itself. */
  Probe(int number) {
    this(System.getProperty("dwindle.cuda.driver", "libcuda.so.1"), number);
  }

  /**
   * What the driver says of the GPU.
   *
   * @throws DeviceUnavailableException with one sentence, where there is none that can be used
   */
  Gpu gpu() {
    try (Arena arena = Arena.ofConfined()) {
      Driver driver = Driver.open(library);
      MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
      driver.check("cuInit", 0);
      driver.check("cuDriverGetVersion", word);
      int version = word.get(ValueLayout.JAVA_INT, 0);
      if (version < OLDEST_DRIVER) {
        throw new DeviceUnavailableException("NVIDIA's driver is one for CUDA " + Gpu.cuda(version) + ", expected "
            + Gpu.cuda(OLDEST_DRIVER) + " or newer; install a newer driver");
      }
      driver.check("cuDeviceGetCount", word);
      requireNumber(word.get(ValueLayout.JAVA_INT, 0));
      driver.check("cuDeviceGet", word, number);
      int device = word.get(ValueLayout.JAVA_INT, 0);
      Gpu gpu = new Gpu(name(driver, device, arena), capability(driver, device, word), memory(driver, device, word),
          version);
      if (gpu.capability() < OLDEST_CAPABILITY) {
        throw new DeviceUnavailableException(gpu.name() + " has compute capability " + gpu.capability() / 10.0
            + ", expected " + OLDEST_CAPABILITY / 10.0 + " or more");
      }
      return gpu;
    }
  }

  /**
   * Where the GPU sits, as its bus calls it.
   *
   * @param text takes the words, with a 0 behind them
   * @return the same
   * @throws DeviceUnavailableException where it cannot be used
   */
  MemorySegment busId(MemorySegment text) {
    gpu();
    try (Arena arena = Arena.ofConfined()) {
      Driver driver = Driver.open(library);
      MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
      driver.check("cuDeviceGet", word, number);
      driver.check("cuDeviceGetPCIBusId", text, (int) text.byteSize(), word.get(ValueLayout.JAVA_INT, 0));
    }
    return text;
  }

  /**
   * Opens the GPU.
   *
   * @param bound the most bytes to be in use at a time; 0 for as many as there are
   * @param blas the library of cuBLASLt, by name or path; null for none
   * @throws DeviceUnavailableException with one sentence, where it cannot be used
   */
  DriverDevice open(String name, Cubins cubins, long bound, String blas) {
    Gpu gpu = gpu();
    int compiled = NvrtcRelease.WHEEL.missing() == null ? 0 : cubins.compiledFor(gpu.capability());
    int capability = compiled > 0 ? compiled : gpu.capability();
    return new DriverDevice(name, Driver.open(library), number, gpu, capability, cubins, bound, blas);
  }

  private void requireNumber(int count) {
    if (number < count) return;
    String found = switch (count) {
      case 0 -> "no GPU";
      case 1 -> "one GPU, cuda:0";
      default -> count + " GPUs, cuda:0 to cuda:" + (count - 1);
    };
    throw new DeviceUnavailableException("NVIDIA's driver finds " + found);
  }

  private static String name(Driver driver, int device, Arena arena) {
    MemorySegment name = arena.allocate(NAME_BYTES);
    driver.check("cuDeviceGetName", name, NAME_BYTES - 1, device);
    return name.getString(0);
  }

  private static int capability(Driver driver, int device, MemorySegment word) {
    driver.check("cuDeviceGetAttribute", word, CAPABILITY_MAJOR, device);
    int major = word.get(ValueLayout.JAVA_INT, 0);
    driver.check("cuDeviceGetAttribute", word, CAPABILITY_MINOR, device);
    return 10 * major + word.get(ValueLayout.JAVA_INT, 0);
  }

  private static long memory(Driver driver, int device, MemorySegment word) {
    driver.check("cuDeviceTotalMem_v2", word, device);
    return word.get(ValueLayout.JAVA_LONG, 0);
  }
}
