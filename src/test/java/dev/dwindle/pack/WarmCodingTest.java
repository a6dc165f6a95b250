package dev.dwindle.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is coded does not depend on vectors: on how wide they are, on whether they are taken yet, and on whether their module is there. */
class WarmCodingTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @Test
  void bytesAreTheSameWithEveryWidthAndWithoutVectors() throws Exception {
    Set<List<String>> coded = new HashSet<>();
    for (List<String> flags : List.of(List.of(MODULE), List.of(MODULE, "-XX:UseAVX=2"),
        List.of(MODULE, "-XX:MaxVectorSize=16"),
        List.<String>of())) {
      List<String> lines = run(flags);
      for (String line : lines.subList(0, 3)) {
        String[] words = line.split(" ");
        assertEquals(words[1], words[2], flags + ": " + line);
      }
      if (flags.isEmpty()) assertEquals("vectors false", lines.get(3));
      coded.add(lines.subList(0, 3));
    }
    assertEquals(1, coded.size(), coded.toString());
  }

  private static List<String> run(List<String> flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseSerialGC", "-Xmx256m", "-Ddwindle.vectorsAfter=20000000"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), WarmCoding.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().filter(line -> !line.startsWith("WARNING")).toList();
    assertEquals(0, process.waitFor(), flags + ": " + lines);
    assertEquals(4, lines.size(), flags + ": " + lines);
    return lines;
  }
}
