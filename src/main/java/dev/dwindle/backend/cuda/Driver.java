package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The functions of NVIDIA's driver by their names (CUDA Driver API 13.0), each of which gives a code. An argument is an Integer for an int or an enum, a
 * Long for a size, a handle or an address on the device, and a segment for a pointer to the host's memory.
 */
final class Driver {
  /** A device has no memory left. */
  static final int OUT_OF_MEMORY = 2;

  /** What was asked for is not done yet. */
  static final int NOT_READY = 600;

  private static final int LONGEST_NAME = 256;

  /** Codes of calls that should not have been made so: a value, an image, a context, a handle or a name that is wrong, or too many threads. */
  private static final Set<Integer> WRONG_CALLS = Set.of(1, 200, 201, 209, 218, 222, 300, 400, 401, 500, 701, 900, 901,
      902, 903, 904, 905, 906, 907, 908);

  /** Codes of kernels that went beyond their memory or stopped otherwise: nothing works after them. */
  private static final Set<Integer> WRONG_KERNELS = Set.of(700, 710, 714, 715, 716, 717, 718, 719);

  private final String library;
  private final SymbolLookup symbols;
  private final Map<String, MethodHandle> functions = new ConcurrentHashMap<>();

  private Driver(String library, SymbolLookup symbols) {
    this.library = library;
    this.symbols = symbols;
  }

  /**
   * A driver by the name or the path of its library, which stays with the process.
   *
   * @throws DeviceUnavailableException where there is none
   */
  static Driver open(String library) {
    try {
      return new Driver(library, SymbolLookup.libraryLookup(library, Arena.global()));
    } catch (IllegalArgumentException e) {
      throw new DeviceUnavailableException("no NVIDIA driver: " + library + " was not found, or does not load", e);
    } catch (IllegalCallerException e) {
      throw new DeviceUnavailableException("NVIDIA's driver cannot be asked: " + e.getMessage(), e);
    }
  }

  /**
   * Calls a function that gives 0 unless something is wrong.
   *
   * @throws DeviceUnavailableException where there is no such function, or it gives another code
   */
  void check(String function, Object... arguments) {
    int code = call(function, arguments);
    if (code != 0) {
      throw new DeviceUnavailableException("NVIDIA's driver failed: " + words(function, code));
    }
  }

  /**
   * Calls a function while a device is in use.
   *
   * @throws DeviceMemoryException where it has no memory for that
   * @throws DeviceUnavailableException where it has failed
   * @throws IllegalStateException where the call should not have been made so, or a kernel did what it should not
   */
  void use(String device, String function, Object... arguments) {
    require(device, function, call(function, arguments));
  }

  /** What {@link #use} does with a function's code. */
  void require(String device, String function, int code) {
    if (code == 0) return;
    String where = "device '" + device + "': ";
    String words = words(function, code);
    if (code == OUT_OF_MEMORY) {
      throw new DeviceMemoryException(
          where + "out of memory: " + words + "; end other programs, or take a smaller batch or model", null);
    }
    if (WRONG_CALLS.contains(code) || WRONG_KERNELS.contains(code)) throw new IllegalStateException(where + words);
    throw new DeviceUnavailableException(where + "went away while it was used: " + words
        + "; look with 'dwindle devices', and run the command again when it is back");
  }

  /** Whether a device takes no more work after a code. */
  static boolean isFinal(int code) {
    return code != 0 && code != OUT_OF_MEMORY && !WRONG_CALLS.contains(code);
  }

  /** Calls a function, and gives its code. */
  int call(String function, Object... arguments) {
    try {
      return (int) functions.computeIfAbsent(function, name -> handle(name, arguments)).invokeExact(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A function that takes such arguments in one array. */
  private MethodHandle handle(String function, Object... arguments) {
    MemorySegment address = symbols.find(function).orElseThrow(
        () -> new DeviceUnavailableException("no NVIDIA driver: " + library + " has no function " + function));
    MemoryLayout[] types = Arrays.stream(arguments).map(Driver::layout).toArray(MemoryLayout[]::new);
    return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, types))
        .asSpreader(Object[].class, types.length).asType(MethodType.methodType(int.class, Object[].class));
  }

  private static MemoryLayout layout(Object argument) {
    return switch (argument) {
      case Integer number -> ValueLayout.JAVA_INT;
      case Long number -> ValueLayout.JAVA_LONG;
      default -> ValueLayout.ADDRESS;
    };
  }

  /** A code behind its function, with the driver's own word for it where it has one. */
  private String words(String function, int code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(ValueLayout.ADDRESS);
      String words = function + ": code " + code;
      if (call("cuGetErrorName", code, name) != 0) return words;
      return words + ", " + name.get(ValueLayout.ADDRESS, 0).reinterpret(LONGEST_NAME).getString(0);
    }
  }
}
