package dev.dwindle.backend.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A driver of its own for each, over emulated kernels: see {@code src/test/native/gpu.cpp}. In a process of its own, the environment says what it is like:
 * {@code STAND_IN_MEMORY}, bytes; {@code STAND_IN_VERSION}; {@code STAND_IN_FAILURE}, a function, after how many calls of it, from when
 * a file is there whose path may follow the number, and the code, with colons between.
 */
public final class StandIn {
  private static final int KINDS = 7;
  private static final int CAPABILITY = 90;
  private static final Cubins.Compiler STAND_IN = (source, options) -> source.file().getBytes(StandardCharsets.UTF_8);

  private static Path built;

  private final Path library;
  private final SymbolLookup symbols;

  private StandIn(Path library) {
    this.library = library;
    symbols = SymbolLookup.libraryLookup(library, Arena.global());
  }

  /** A new driver with all kernels. */
  public static StandIn make() {
    try {
      Path copy = Files.createTempFile(built().getParent(), "libcuda", ".so").toAbsolutePath();
      Files.write(copy, Files.readAllBytes(built()));
      return new StandIn(copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized Path built() {
    if (built == null) {
      List<Path> sources = new ArrayList<>(EmulatedDevice.kernels());
      sources.add(Path.of("src/test/native/gpu.cpp"));
      sources.add(Path.of("src/test/native/blas.cpp"));
      built = EmulatedDevice.library(sources);
    }
    return built;
  }

  /** Where it lies. */
  public String path() {
    return library.toString();
  }

  /** Lays what it takes for compiled kernels into a cache, so that a program asks for no compiler. */
  public static void fillCache(Path cache) {
    Cubins cubins = Cubins.of(cache.resolve("cubins"), STAND_IN);
    KernelSource.FILES.forEach(file -> cubins.of(KernelSource.of(file), CAPABILITY));
  }

  /** Its GPU, whose kernels need no compiler. */
  DriverDevice open(long bound) {
    return open(STAND_IN, bound);
  }

  /** Its GPU with what stands in for cuBLASLt. */
  DriverDevice openWithBlas() {
    return open(STAND_IN, 0, path());
  }

  /** Its GPU with another compiler. */
  DriverDevice open(Cubins.Compiler compiler, long bound) {
    return open(compiler, bound, null);
  }

  private DriverDevice open(Cubins.Compiler compiler, long bound, String blas) {
    try {
      Path folder = Files.createTempDirectory(library.getParent(), "cubins");
      return new Probe(path(), 0).open("cuda:0", new Cubins(folder, "none", List.of(), compiler), bound,
          blas);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many there are of memory, page-locked memory, streams, events, graphs, modules and contexts. */
  List<Long> alive() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, KINDS);
      call("stand_in_alive", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS), counts);
      return Arrays.stream(counts.toArray(ValueLayout.JAVA_LONG)).boxed().toList();
    }
  }

  /** How often a function was called. */
  long calls(String function) {
    try (Arena arena = Arena.ofConfined()) {
      return (long) call("stand_in_calls", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
          arena.allocateFrom(function));
    }
  }

  /** How many things of cuBLASLt's there are. */
  long blasAlive() {
    return (long) call("stand_in_blas_alive", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  /** Gives the GPU so many bytes. */
  void memory(long bytes) {
    call("stand_in_memory", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG), bytes);
  }

  /** Lets a function fail after so many more calls of it, and all others from then on where that stays. */
  void fail(String function, long after, int code, boolean stays) {
    try (Arena arena = Arena.ofConfined()) {
      call("stand_in_fail", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT), arena.allocateFrom(function), after, code, stays ? 1 : 0);
    }
  }

  private Object call(String function, FunctionDescriptor type, Object... arguments) {
    try {
      return Linker.nativeLinker().downcallHandle(symbols.find(function).orElseThrow(), type)
          .invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
