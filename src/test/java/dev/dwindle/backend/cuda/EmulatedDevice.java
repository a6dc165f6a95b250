package dev.dwindle.backend.cuda;

import dev.dwindle.backend.DeviceInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * The kernels of {@code native/cuda} on the CPU: compiled by g++ under {@code native/emulator}, over memory that is filled with NaN where it is new and has
 * guards around it.
 */
final class EmulatedDevice implements Device {
  private static final Path NATIVE = Path.of("native");
  private static final int GUARD = 256;
  private static final byte GUARDED = 0x5a;

  /** Libraries by what they were compiled of: each has threads and shared memory of its own, of which one kernel at a time makes use. */
  private static final Map<List<?>, MemorySegment> LAUNCHERS = new HashMap<>();

  /** What was compiled, by file and options. */
  private static final Map<List<?>, Path> OBJECTS = new ConcurrentHashMap<>();

  private final MethodHandle launch;
  private final boolean reversed;
  private final Map<Long, MemorySegment> allocated = new TreeMap<>();
  private final Map<Long, Arena> arenas = new TreeMap<>();
  private RuntimeException failure;

  private EmulatedDevice(boolean reversed, List<Path> sources, String... options) {
    this.reversed = reversed;
    MemorySegment function;
    synchronized (LAUNCHERS) {
      function = LAUNCHERS.computeIfAbsent(List.of(sources, List.of(options)),
          key -> SymbolLookup.libraryLookup(library(sources, options), Arena.global()).find("emulated_launch")
              .orElseThrow());
    }
    launch = Linker.nativeLinker().downcallHandle(function,
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  }

  /** All kernels, with the first thread and the first block first, or the last ones. */
  static EmulatedDevice of(boolean reversed) {
    return new EmulatedDevice(reversed, kernels());
  }

  /** All kernels, which never wait for each other's threads. */
  static EmulatedDevice withoutBarriers() {
    return new EmulatedDevice(false, kernels(), "-DDWINDLE_WITHOUT_BARRIERS");
  }

  /** The kernels of one other file. */
  static EmulatedDevice of(Path source) {
    return new EmulatedDevice(false, List.of(source));
  }

  /** The files of all kernels. */
  static List<Path> kernels() {
    try (Stream<Path> files = Files.list(NATIVE.resolve("cuda"))) {
      return files.filter(f -> f.toString().endsWith(".cu")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A library of files under the emulator, linked anew of what was compiled once. */
  static Path library(List<Path> sources, String... options) {
    try {
      Path folder = Files.createDirectories(Path.of("target", "emulator"));
      Path library = Files.createTempDirectory(folder, "library").resolve("libkernels.so").toAbsolutePath();
      List<String> link = new ArrayList<>(List.of("g++", "-shared", "-o", library.toString()));
      for (Path object : compiled(sources, options)) link.add(object.toString());
      end(start(link));
      return library;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The objects of files, in all their variants, and of the emulator. */
  private static synchronized List<Path> compiled(List<Path> sources, String... options) {
    List<Path> all = new ArrayList<>(sources);
    all.add(NATIVE.resolve("emulator/emulator.cpp"));
    List<Future<Path>> objects = new ArrayList<>();
    try (ExecutorService compilers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      for (Path source : all) {
        // What is compiled to fail needs no variants.
        for (String variant : options.length > 0 ? List.of("") : variants(source)) {
          List<String> words = new ArrayList<>(List.of(options));
          if (!variant.isEmpty()) words.add("-D" + KernelSource.definition(variant));
          objects.add(
              compilers.submit(() -> OBJECTS.computeIfAbsent(List.of(source, words), key -> object(source, words))));
        }
      }
    }
    for (Future<Path> object : objects) {
      if (object.state() == Future.State.FAILED) throw new IllegalStateException(object.exceptionNow().getMessage());
    }
    return objects.stream().map(Future::resultNow).toList();
  }

  private static Path object(Path source, List<String> options) {
    try {
      Path object = Files.createTempFile(Files.createDirectories(Path.of("target", "emulator")),
          source.getFileName().toString(), ".o");
      List<String> command = new ArrayList<>(List.of("g++", "-std=c++20", "-O1", "-fPIC", "-ffp-contract=off",
          "-Werror=float-conversion", "-I", NATIVE.resolve("cuda").toString(), "-include",
          NATIVE.resolve("emulator/emulator.h").toString(), "-x", "c++", "-c", source.toString(), "-o",
          object.toString()));
      command.addAll(options);
      end(start(command));
      return object;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The endings of all variants of a file, the file itself first. */
  private static List<String> variants(Path source) {
    String name = source.getFileName().toString().replaceFirst("\\.cu$", "");
    return Stream.of("", "_f16", "_bf16").filter(v -> v.isEmpty() || KernelSource.FILES.contains(name + v)).toList();
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static void end(Process process) throws IOException {
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) throw new IllegalStateException(said);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public DeviceInfo info() {
    return new DeviceInfo("cuda:0", "emulated GPU", 0, Map.of());
  }

  @Override
  public synchronized long allocate(long bytes) {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(bytes + 2 * GUARD, GUARD);
    memory.fill(GUARDED);
    memory.asSlice(GUARD, bytes).fill((byte) 0xff);
    long address = memory.address() + GUARD;
    allocated.put(address, memory);
    arenas.put(address, arena);
    return address;
  }

  @Override
  public synchronized void free(long address) {
    await();
    allocated.remove(address);
    arenas.remove(address).close();
  }

  private void requireGuards(Kernel kernel) {
    for (MemorySegment memory : allocated.values()) {
      long end = memory.byteSize();
      for (int i = 0; i < GUARD; i++) {
        if (memory.get(ValueLayout.JAVA_BYTE, i) != GUARDED
            || memory.get(ValueLayout.JAVA_BYTE, end - GUARD + i) != GUARDED) {
          throw new IllegalStateException(kernel + " wrote beside its memory");
        }
      }
    }
  }

  @Override
  public synchronized void copyIn(MemorySegment from, long to) {
    MemorySegment.ofAddress(to).reinterpret(from.byteSize()).copyFrom(from);
  }

  @Override
  public long mark() {
    return 0;
  }

  @Override
  public void copyInAfter(long mark, MemorySegment from, long to) {
    copyIn(from, to);
  }

  @Override
  public synchronized void copy(long from, long to, long bytes) {
    copyIn(MemorySegment.ofAddress(from).reinterpret(bytes), to);
  }

  @Override
  public synchronized void copyOut(long from, MemorySegment to) {
    await();
    to.copyFrom(MemorySegment.ofAddress(from).reinterpret(to.byteSize()));
  }

  @Override
  public synchronized void launch(Launch what) {
    if (failure != null) return;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment said = arena.allocate(512);
      int code;
      synchronized (LAUNCHERS) {
        code = (int) launch.invokeExact(arena.allocateFrom(what.kernel().name()),
            arena.allocateFrom(ValueLayout.JAVA_INT, what.grid().sizes()), what.arguments(), reversed ? 1 : 0, said,
            512);
      }
      if (code != 0) failure = new IllegalStateException(said.getString(0));
      requireGuards(what.kernel());
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void await() {
    RuntimeException told = failure;
    failure = null;
    if (told != null) throw told;
  }

  @Override
  public void close() {
    arenas.values().forEach(Arena::close);
  }
}
