package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.WheelInstaller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All kernels through NVRTC for each architecture of GPUs; none is run. */
@Tag("nvrtc")
class KernelsCompileTest {
  /** Where all kernels lie after the test, for bundles. */
  static final Path COMPILED = Path.of("target", "cubins");

  static final List<Integer> CAPABILITIES = List.of(75, 80, 86, 89, 90, 100, 120);
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  @TempDir
  Path folder;

  @BeforeAll
  static void install() {
    new WheelInstaller(NvrtcRelease.WHEEL).install(Path.of(System.getProperty("dwindle.nvrtc")), line -> {});
  }

  private Cubins cubins(Cubins.Compiler compiler) {
    return Cubins.of(folder, compiler);
  }

  @Test
  void everyKernelCompilesForEveryArchitecture() throws Exception {
    if (Files.isDirectory(COMPILED)) {
      try (Stream<Path> old = Files.list(COMPILED)) {
        for (Path file : old.toList()) Files.delete(file);
      }
    }
    Cubins cubins = Cubins.of(COMPILED);
    Map<String, Future<byte[]>> made = new LinkedHashMap<>();
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (String file : KernelSource.FILES) {
        KernelSource source = KernelSource.of(file);
        for (int capability : CAPABILITIES) {
          made.put(source.file() + " for sm_" + capability, threads.submit(() -> cubins.of(source, capability)));
        }
      }
    }
    assertFalse(made.isEmpty());
    for (var cubin : made.entrySet()) {
      assertArrayEquals(ELF, Arrays.copyOf(cubin.getValue().get(), ELF.length), cubin.getKey());
    }
  }

  @Test
  void allFilesAreListed() {
    assertEquals(KernelSource.FILES.stream().map(KernelSource::base).distinct().sorted().toList(),
        EmulatedDevice.kernels().stream().map(file -> file.getFileName().toString().replace(".cu", "")).toList());
  }

  @Test
  void anErrorIsToldWithTheCompilersLog() {
    KernelSource wrong = KernelSource.of("wrong.cu", "#include \"dwindle.cuh\"\nKERNEL(wrong, float* y) { *y = x; }\n");
    String said = assertThrows(IllegalStateException.class, () -> cubins(Nvrtc.load()).of(wrong, 90)).getMessage();
    assertEquals("""
        wrong.cu: nvrtcCompileProgram: NVRTC_ERROR_COMPILATION:
        wrong.cu(2): error: identifier "x" is undefined""", said.lines().limit(2).reduce((a, b) -> a + "\n" + b).get());
  }

  @Test
  void anArchitectureThatItDoesNotKnowIsTold() {
    String said = assertThrows(IllegalStateException.class,
        () -> cubins(Nvrtc.load()).of(KernelSource.of("movement"), 20)).getMessage();
    assertTrue(said.startsWith("movement.cu: nvrtcCompileProgram: NVRTC_ERROR_INVALID_OPTION:\n"), said);
  }

  @Test
  void whatLiesInTheCacheIsNotCompiledUnlessItIsDamaged() throws Exception {
    KernelSource source = KernelSource.of("movement");
    byte[] made = cubins(Nvrtc.load()).of(source, 90);
    assertArrayEquals(made, cubins((s, options) -> {
      throw new IllegalStateException("compiled again");
    }).of(source, 90));
    try (Stream<Path> entries = Files.list(folder)) {
      Files.writeString(entries.findFirst().orElseThrow(), "damaged");
    }
    assertArrayEquals(made, cubins(Nvrtc.load()).of(source, 90));
  }
}
