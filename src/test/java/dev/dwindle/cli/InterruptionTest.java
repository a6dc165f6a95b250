package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program is ended in the middle of its work, as a process of its own. */
class InterruptionTest {
  @TempDir
  Path folder;

  private Path out;

  @BeforeEach
  void sample() {
    SampleFiles.copyTo(folder);
    out = folder.resolve("small.onnx");
  }

  private Process compress(String... more) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        ProcessHandle.current().info().command().orElseThrow(), "--add-modules", "jdk.incubator.vector", "-cp",
        System.getProperty("java.class.path"), "dev.dwindle.cli.Main", "compress", "glyphs.onnx", "-o", "small.onnx",
        "--int8", "--data", "glyphs.yaml"));
    command.addAll(List.of(more));
    File log = folder.resolve("log.txt").toFile();
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log).start();
  }

  private List<String> parts() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).filter(n -> n.endsWith(".dwindle-part")).toList();
    }
  }

  private void awaitOutput(Process process) throws Exception {
    for (int i = 0; i < 1200 && !Files.exists(out); i++) {
      assertTrue(process.isAlive(), Files.readString(folder.resolve("log.txt")));
      Thread.sleep(50);
    }
    assertTrue(Files.exists(out), "no output within a minute");
  }

  @Test
  void ctrlCWhileMeasuringEndsWith130AndLeavesTheModel() throws Exception {
    Process process = compress("--runs", "1000000", "--seconds", "600");
    awaitOutput(process);
    assertEquals(0, new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running 30 s after Ctrl-C");
    assertEquals(130, process.exitValue());
    assertTrue(Files.readString(folder.resolve("log.txt")).contains("dwindle: interrupted"));
    assertEquals(List.of(), parts());
    assertEquals(0, Console.run("inspect", out).code());
  }

  @Test
  void killedAtAnyMomentTheOldFileIsWholeAndTheNextRunCleansUp() throws Exception {
    byte[] old = "the previous file".getBytes();
    for (int millis : new int[] {300, 700, 1100, 1500}) {
      Files.write(out, old);
      Process process = compress("--no-measure");
      Thread.sleep(millis);
      process.destroyForcibly().waitFor();
      byte[] now = Files.readAllBytes(out);
      if (now.length == old.length) assertArrayEquals(old, now);
      else
        assertEquals(0, Console.run("inspect", out).code(), "half a file after " + millis + " ms");
    }
    Files.writeString(folder.resolve(".small.onnx.999999999-1.dwindle-part"),
        "left by a run that was killed while it wrote");
    Process last = compress("--no-measure");
    assertEquals(0, last.waitFor(), () -> "exit code");
    assertEquals(List.of(), parts());
    assertTrue(Files.size(out) > 40_000);
  }
}
