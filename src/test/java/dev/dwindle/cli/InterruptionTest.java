package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program is ended in the middle of its work, as a process of its own. */
class InterruptionTest {
  @TempDir
  Path folder;

  private Path out;
  private Program program;

  @BeforeEach
  void sample(@TempDir Path logs) {
    SampleFiles.copyTo(folder);
    out = folder.resolve("small.onnx");
    program = new Program(folder, logs.resolve("log.txt"));
  }

  private Process compress(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(
        List.of("compress", "glyphs.onnx", "-o", "small.onnx", "--int8", "--data", "glyphs.yaml"));
    arguments.addAll(List.of(more));
    return program.start(List.of(), arguments.toArray(String[]::new));
  }

  private static void signal(Process process, String name) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running 30 s after " + name);
  }

  private List<String> parts() throws IOException {
    return Program.names(folder).stream().filter(n -> n.endsWith(".dwindle-part")).toList();
  }

  private void awaitOutput(Process process) throws Exception {
    for (int i = 0; i < 1200 && !Files.exists(out); i++) {
      assertTrue(process.isAlive(), program.lines().toString());
      Thread.sleep(50);
    }
    assertTrue(Files.exists(out), "no output within a minute");
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalWhileMeasuringLeavesTheModel(String signal, int code) throws Exception {
    Process process = compress("--runs", "1000000", "--seconds", "600");
    awaitOutput(process);
    signal(process, signal);
    assertEquals(code, process.exitValue());
    assertTrue(program.lines().getLast().startsWith("dwindle: interrupted"), program.lines().toString());
    assertEquals(List.of(), parts());
    assertEquals(0, Console.run("inspect", out).code());
  }

  @Test
  void aSignalInASearchTellsWhereItGoesOn() throws Exception {
    Path recipe = Files.writeString(folder.resolve("two.yaml"), "passes: [fold, {quantize: {weight_bits: 2}}]\n");
    Path journal = folder.resolve("small.onnx.journal");
    Process process = program.start(List.of(), "compress", "glyphs.onnx", "-o", "small.onnx", "--recipe",
        recipe.getFileName().toString(), "--data", "glyphs.yaml", "--max-drop", "1pt", "--runs", "1000000", "--seconds",
        "600");
    while (process.isAlive() && (!Files.exists(journal) || Files.readAllLines(journal).size() < 4)) Thread.sleep(2);
    signal(process, "INT");
    assertEquals(130, process.exitValue(), program.lines().toString());
    String line = program.lines().getLast();
    assertTrue(line.matches("dwindle: interrupted; what was being written is gone, what was there before is whole;"
        + " \\d+ measurements are kept in small\\.onnx\\.journal, and the same command goes on from there"), line);
    assertEquals(List.of(), parts());
    assertTrue(Files.exists(journal));
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalEndsABenchAndWritesNothing(String signal, int code) throws Exception {
    for (List<String> scenario : List.of(List.of("multi-stream"), List.of("server", "--latency-bound", "1s"))) {
      List<String> arguments = new ArrayList<>(
          List.of("bench", "glyphs.onnx", "--seconds", "600", "--duration", "600s", "--csv", "bench.csv", "--report",
              "bench.html", "--scenario"));
      arguments.addAll(scenario);
      Set<String> before = Program.names(folder);
      Process process = program.start(List.of(), arguments.toArray(String[]::new));
      Thread.sleep(3_000);
      signal(process, signal);
      assertEquals(code, process.exitValue());
      assertEquals(before, Program.names(folder));
    }
  }

  /** The start, reading, calibration, writing and measuring, wherever they fall on this machine. */
  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalAtAnyMomentLeavesTheOldFileOrTheNewAndNothingElse(String signal, int code) throws Exception {
    byte[] old = "the previous file".getBytes();
    for (int millis = 100; millis <= 1900; millis += 200) {
      Files.write(out, old);
      Set<String> before = Program.names(folder);
      Process process = compress("--runs", "1000000", "--seconds", "600");
      Thread.sleep(millis);
      signal(process, signal);
      String moment = signal + " after " + millis + " ms";
      assertEquals(hasBegun() ? code : 1, process.exitValue(), moment);
      assertEquals(before, Program.names(folder), moment);
      assertOldOrWhole(old, moment);
    }
  }

  /** The JVM itself ends with 1 where a signal comes while its system classes begin, before any line of the program. */
  private boolean hasBegun() throws IOException {
    return program.lines().stream().noneMatch("Error occurred during initialization of VM"::equals);
  }

  private void assertOldOrWhole(byte[] old, String moment) throws IOException {
    byte[] now = Files.readAllBytes(out);
    if (now.length == old.length) assertArrayEquals(old, now, moment);
    else
      assertEquals(0, Console.run("inspect", out).code(), "half a file: " + moment);
  }

  @Test
  void killedAtAnyMomentTheOldFileIsWholeAndTheNextRunCleansUp() throws Exception {
    byte[] old = "the previous file".getBytes();
    for (int millis : new int[] {300, 700, 1100, 1500}) {
      Files.write(out, old);
      Process process = compress("--no-measure");
      Thread.sleep(millis);
      process.destroyForcibly().waitFor();
      assertOldOrWhole(old, "killed after " + millis + " ms");
    }
    Files.writeString(folder.resolve(".small.onnx.999999999-1.dwindle-part"),
        "left by a run that was killed while it wrote");
    Process last = compress("--no-measure");
    assertEquals(0, last.waitFor(), () -> "exit code");
    assertEquals(List.of(), parts());
    assertTrue(Files.size(out) > 40_000);
  }
}
