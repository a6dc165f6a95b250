package dev.dwindle.backend.cuda;

import dev.dwindle.result.OutputFile;
import dev.dwindle.result.Sha256;
import dev.dwindle.tensor.DwindleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels compiled for GPUs, kept in a folder under a checksum of all that decides what they become. Before the bytes of each entry stands
 * their own checksum: what is damaged is compiled again.
 */
final class Cubins {
  /** Makes a GPU's machine code of a CUDA file. */
  interface Compiler {
    byte[] compile(KernelSource source, List<String> options);
  }

  private static final int DIGITS = 64;

  /** Sums of products are fused where a kernel says so, and nowhere else: it means the same everywhere. */
  private static final List<String> FLAGS = List.of("--fmad=false");

  private final Path folder;
  private final String version;
  private final List<String> flags;
  private final Compiler compiler;

  /**
   * @param version of the compiler
   * @param flags further options of it
   */
  Cubins(Path folder, String version, List<String> flags, Compiler compiler) {
    this.folder = folder;
    this.version = version;
    this.flags = flags;
    this.compiler = compiler;
  }

  /** The kernels of this program, in a folder, compiled by the release of NVRTC that it knows. */
  static Cubins of(Path folder) {
    return of(folder, (source, options) -> Nvrtc.load().compile(source, options));
  }

  /** The same with another compiler. */
  static Cubins of(Path folder, Compiler compiler) {
    return new Cubins(folder, NvrtcRelease.WHEEL.version(), FLAGS, compiler);
  }

  /** The highest compute capability for which all kernels of this program are here and that a GPU of another one runs: of the same major number, and no higher. 0 where there is none. */
  int compiledFor(int capability) {
    for (int each = capability; each >= capability / 10 * 10; each--) {
      if (hasAll(each)) return each;
    }
    return 0;
  }

  private boolean hasAll(int capability) {
    return KernelSource.FILES.stream().map(KernelSource::of)
        .allMatch(source -> read(file(source, options(capability), capability)) != null);
  }

  private List<String> options(int capability) {
    List<String> options = new ArrayList<>(List.of("-std=c++17", "--gpu-architecture=sm_" + capability));
    options.addAll(flags);
    return options;
  }

  private Path file(KernelSource source, List<String> options, int capability) {
    return folder.resolve(source.file() + "-sm_" + capability + "-" + key(source, options) + ".cubin");
  }

  /**
   * The machine code of a file for a compute capability such as 90.
   *
   * @throws IllegalStateException with the compiler's log, where it does not compile
   */
  byte[] of(KernelSource source, int capability) {
    List<String> options = options(capability);
    Path file = file(source, options, capability);
    byte[] kept = read(file);
    if (kept != null) return kept;
    byte[] made = compiler.compile(source, options);
    write(file, made);
    return made;
  }

  /** A change of any part changes it: each stands behind its length. */
  private String key(KernelSource source, List<String> options) {
    List<String> parts = new ArrayList<>(List.of(version, source.file(), source.text()));
    parts.addAll(options);
    source.headers().forEach((name, text) -> parts.addAll(List.of(name, text)));
    StringBuilder all = new StringBuilder();
    for (String part : parts) all.append(part.length()).append(' ').append(part);
    return Sha256.of(ByteBuffer.wrap(all.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** What an entry holds; null where there is none, or none that is whole. */
  private static byte[] read(Path file) {
    try {
      byte[] all = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
      if (all.length < DIGITS) return null;
      String expected = new String(all, 0, DIGITS, StandardCharsets.US_ASCII);
      String found = Sha256.of(ByteBuffer.wrap(all, DIGITS, all.length - DIGITS));
      return found.equals(expected) ? Arrays.copyOfRange(all, DIGITS, all.length) : null;
    } catch (IOException e) {
      return null;
    }
  }

  private void write(Path file, byte[] cubin) {
    byte[] checksum = Sha256.of(ByteBuffer.wrap(cubin)).getBytes(StandardCharsets.US_ASCII);
    try {
      Files.createDirectories(folder);
      OutputFile.write(file, ByteBuffer.allocate(DIGITS + cubin.length).put(checksum).put(cubin).flip());
    } catch (IOException | DwindleException e) {
      // the next process compiles it again
    }
  }
}
