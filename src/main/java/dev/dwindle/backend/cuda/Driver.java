package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The functions of NVIDIA's driver by their names, each of which gives a code. */
final class Driver {
  private static final int LONGEST_NAME = 256;

  private final String library;
  private final SymbolLookup symbols;

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
   * Calls a function with ints and addresses.
   *
   * @throws DeviceUnavailableException where there is no such function, or it does not give 0
   */
  void check(String function, Object... arguments) {
    int code = call(function, arguments);
    if (code != 0) throw new DeviceUnavailableException("NVIDIA's driver failed: " + function + ": " + error(code));
  }

  private int call(String function, Object... arguments) {
    MemorySegment address = symbols.find(function).orElseThrow(
        () -> new DeviceUnavailableException("no NVIDIA driver: " + library + " has no function " + function));
    MemoryLayout[] types = Arrays.stream(arguments)
        .map(argument -> argument instanceof Integer ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS)
        .toArray(MemoryLayout[]::new);
    try {
      return (int) Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT, types))
          .invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A code with the driver's own word for it, where it has one. */
  private String error(int code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(ValueLayout.ADDRESS);
      if (call("cuGetErrorName", code, name) != 0) return "code " + code;
      return "code " + code + ", "
          + name.get(ValueLayout.ADDRESS, 0).reinterpret(LONGEST_NAME).getString(0);
    }
  }
}
