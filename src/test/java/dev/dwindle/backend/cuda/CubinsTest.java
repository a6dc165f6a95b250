package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache, with a compiler that gives back what it is asked. */
class CubinsTest {
  @TempDir
  Path folder;

  private final List<String> asked = new ArrayList<>();

  private byte[] compile(KernelSource source, List<String> options) {
    asked.add(source + " " + options);
    return asked.getLast().getBytes(StandardCharsets.UTF_8);
  }

  private Cubins cubins(String version, String... flags) {
    return new Cubins(folder.resolve("cubins"), version, List.of(flags), this::compile);
  }

  private static KernelSource source(String text, String header) {
    return new KernelSource("a.cu", text, new TreeMap<>(java.util.Map.of("b.cuh", header)));
  }

  private Path entry() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cubins"))) {
      return files.findFirst().orElseThrow();
    }
  }

  @Test
  void whatWasCompiledOnceIsReadByTheNext() {
    byte[] first = cubins("1").of(source("x", "y"), 90);
    assertArrayEquals(first, cubins("1").of(source("x", "y"), 90));
    assertEquals(1, asked.size());
  }

  @Test
  void optionsNameTheGpuAndTheLanguage() {
    cubins("1", "--fmad=false").of(source("x", "y"), 120);
    assertEquals(source("x", "y") + " [-std=c++17, --gpu-architecture=sm_120, --fmad=false]", asked.getLast());
  }

  @Test
  void whateverDecidesMakesAnotherEntry() {
    cubins("1").of(source("x", "y"), 90);
    cubins("2").of(source("x", "y"), 90);
    cubins("1").of(source("z", "y"), 90);
    cubins("1").of(source("x", "z"), 90);
    cubins("1").of(source("x", "y"), 80);
    cubins("1", "--fmad=false").of(source("x", "y"), 90);
    assertEquals(6, asked.size());
  }

  @Test
  void aDamagedEntryIsCompiledAgain() throws IOException {
    byte[] first = cubins("1").of(source("x", "y"), 90);
    byte[] entry = Files.readAllBytes(entry());
    entry[entry.length - 3]++;
    for (byte[] damaged : List.of(entry, "short".getBytes(StandardCharsets.UTF_8), new byte[0])) {
      Files.write(entry(), damaged);
      int before = asked.size();
      assertArrayEquals(first, cubins("1").of(source("x", "y"), 90));
      assertEquals(before + 1, asked.size());
      assertArrayEquals(first, cubins("1").of(source("x", "y"), 90));
      assertEquals(before + 1, asked.size());
    }
  }

  @Test
  void aFolderThatTakesNoFilesIsDoneWithout() throws IOException {
    Files.writeString(folder.resolve("cubins"), "a file where the folder would be");
    cubins("1").of(source("x", "y"), 90);
    cubins("1").of(source("x", "y"), 90);
    assertEquals(2, asked.size());
  }

  @Test
  void aSourceHasWhatItIncludes() {
    KernelSource reduce = KernelSource.of("reduce");
    assertEquals("reduce.cu", reduce.file());
    assertEquals(List.of("dwindle.cuh", "real.cuh"), List.copyOf(reduce.headers().keySet()));
    assertEquals("none.cuh: not among the program's CUDA files", assertThrows(IllegalArgumentException.class,
        () -> KernelSource.of("a.cu", "#include \"none.cuh\"\n")).getMessage());
  }
}
