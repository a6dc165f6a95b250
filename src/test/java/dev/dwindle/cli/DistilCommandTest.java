package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Distillation on the sample, in this process and in others that are ended in the middle. */
class DistilCommandTest {
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
  private static final String EPOCHS = "6";

  @TempDir
  Path folder;

  private Program program;

  @BeforeEach
  void sample(@TempDir Path logs) {
    SampleFiles.copyTo(folder);
    program = new Program(folder, logs.resolve("log.txt"));
  }

  private static List<String> words(Path folder, String out, String... more) {
    List<String> words = new ArrayList<>(
        List.of("distil", folder.resolve("glyphs.onnx").toString(), "-o", out, "--data",
            folder.resolve("glyphs.yaml").toString(), "--set", "variants=2", "--no-measure", "--no-report"));
    words.addAll(List.of(more));
    return words;
  }

  private Console distil(String out, String... more) {
    return Console.run(words(folder, folder.resolve(out).toString(), more).toArray());
  }

  private Path training(String out) {
    return folder.resolve(out + ".training-1.checkpoint");
  }

  @Test
  void aStudentIsTrainedAndNothingElseIsLeft() throws IOException {
    Set<String> before = Program.names(folder);
    Path events = folder.resolve("events");
    Console console = Console.run(words(folder, folder.resolve("small.onnx").toString(), "--epochs", "2", "--budget",
        "30%:parameters", "--log", events.toString()).toArray());
    assertEquals(0, console.code(), console.err());
    assertTrue(console.out().contains("distil: a student in the place of its teacher, 44 steps of 64 samples"),
        console.out());
    Set<String> after = new TreeSet<>(before);
    after.addAll(List.of("small.onnx", "events"));
    assertEquals(after, Program.names(folder));
    assertEquals(1, Program.names(events.resolve("step-1")).size());
    assertTrue(Files.size(folder.resolve("small.onnx")) < 0.35 * Files.size(folder.resolve("glyphs.onnx")));
  }

  @Test
  void itIsMeasuredAgainstItsTeacher() {
    Console console = Console.run("distil", folder.resolve("glyphs.onnx"), "-o", folder.resolve("small.onnx"), "--data",
        folder.resolve("glyphs.yaml"), "--epochs", "1", "--evaluation-samples", "40", "--runs", "10", "--seconds",
        "0.2",
        "--max-drop", "1pt");
    assertEquals(1, console.code(), console.err());
    assertTrue(console.out().contains("top-1"), console.out());
    assertTrue(Files.exists(folder.resolve("small.onnx.report.html")));
  }

  @Test
  void killedItGoesOnToTheSameBytes() throws Exception {
    assertEquals(0, distil("whole.onnx", "--epochs", EPOCHS).code());
    Process process = program.start(List.of(),
        words(folder, "small.onnx", "--epochs", EPOCHS, "--checkpoint", "0.3").toArray(String[]::new));
    while (process.isAlive() && !Files.exists(training("small.onnx"))) TimeUnit.MILLISECONDS.sleep(5);
    assertTrue(process.isAlive(), () -> "ended before it was killed");
    process.destroyForcibly();
    process.waitFor();
    assertFalse(Files.exists(folder.resolve("small.onnx")));
    Console other = distil("small.onnx", "--epochs", "7", "--resume");
    assertEquals(2, other.code());
    assertTrue(other.err().contains("is of another job (model, data, settings, seed or version)"), other.err());
    Console rest = distil("small.onnx", "--epochs", EPOCHS, "--resume");
    assertEquals(0, rest.code(), rest.err());
    assertTrue(rest.out().contains("resumed after step"), rest.out());
    assertArrayEquals(Files.readAllBytes(folder.resolve("whole.onnx")),
        Files.readAllBytes(folder.resolve("small.onnx")));
    assertEquals(List.of(), Program.names(folder).stream().filter(name -> name.contains(".training-")).toList());
  }

  /** Phases are passes: each has its own checkpoint and curves. */
  @Test
  void oneRecipeTrainsInPhases() throws IOException {
    Path recipe = folder.resolve("recipe.yaml");
    Files.writeString(recipe, """
        passes:
          - distil: {budget: 0.5, epochs: 2, variants: 1}
          - finetune: {statistics: batch, epochs: 2}
          - finetune: {statistics: frozen, epochs: 1, rate: 0.0001}
        """);
    Path events = folder.resolve("events");
    Console console = Console.run("compress", folder.resolve("glyphs.onnx"), "-o", folder.resolve("small.onnx"),
        "--recipe", recipe, "--data", folder.resolve("glyphs.yaml"), "--no-measure", "--log", events, "--report",
        folder.resolve("small.json"));
    assertEquals(0, console.code(), console.err());
    assertEquals(Set.of("step-1", "step-2", "step-3"), Program.names(events));
    String report = Files.readString(folder.resolve("small.json"));
    assertEquals(3, report.split("\"name\" : \"loss\"", -1).length - 1);
    assertEquals(List.of(), Program.names(folder).stream().filter(name -> name.contains(".training-")).toList());
  }

  @Test
  void lessMemoryGivesTheSameBytes() throws IOException {
    Console whole = distil("whole.onnx", "--epochs", "1");
    assertEquals(0, whole.code(), whole.err());
    List<String> words = words(folder, folder.resolve("small.onnx").toString(), "--epochs", "1", "--memory", "7M",
        "--report", folder.resolve("small.json").toString());
    words.remove("--no-report");
    Console small = Console.run(words.toArray());
    assertEquals(0, small.code(), small.err());
    String report = Files.readString(folder.resolve("small.json"));
    assertTrue(report.contains("MB, a part of the forward pass computed twice"), report);
    assertArrayEquals(Files.readAllBytes(folder.resolve("whole.onnx")),
        Files.readAllBytes(folder.resolve("small.onnx")));
  }

  @Test
  void interruptedItTellsWhereItGoesOn() throws Exception {
    Process process = program.start(List.of(), words(folder, "small.onnx", "--epochs", "1000").toArray(String[]::new));
    while (process.isAlive() && !Files.exists(folder.resolve("small.onnx.training-1.teacher-0.npz"))) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running");
    assertEquals(130, process.exitValue());
    assertEquals(1, program.lines().size(), program.lines().toString());
    assertTrue(program.lines().getFirst().matches("dwindle: interrupted; what was being written is gone, what was there"
        + " before is whole; training up to step \\d+ is kept in small\\.onnx\\.training-1\\.checkpoint, and the same"
        + " command goes on from there"), program.lines().toString());
    assertTrue(Files.exists(training("small.onnx")));
  }

  /** A disk with room for the model and for what the teacher said once, but for no checkpoint beside them: the result is what it would have been. */
  @Tag("mounts")
  @Test
  void aDiskThatIsFullCostsNoTraining() throws Exception {
    assertEquals(0, distil("whole.onnx", "--epochs", EPOCHS).code());
    Files.createDirectory(folder.resolve("out"));
    String script = "mount -t tmpfs -o size=160k tmpfs out || exit 99; \"$@\"; code=$?; cp out/small.onnx left.onnx; ls out; umount out; exit $code";
    List<String> starter = ROOT ? List.of("unshare", "--mount", "sh", "-c", script, "sh")
        : List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh");
    Process process = program.start(starter,
        words(folder, "out/small.onnx", "--epochs", EPOCHS, "--checkpoint", "0.3").toArray(String[]::new));
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running");
    String log = program.lines().toString();
    assertEquals(0, process.exitValue(), log);
    assertTrue(log.contains("warning: no checkpoint since step"), log);
    assertTrue(log.contains("No space left on device"), log);
    assertArrayEquals(Files.readAllBytes(folder.resolve("whole.onnx")),
        Files.readAllBytes(folder.resolve("left.onnx")));
  }

  @Test
  void wrongWordsAreTold() {
    assertError("--resume: found no checkpoint of " + folder.resolve("small.onnx")
        + ", expected small.onnx.training-N.checkpoint of its step N beside it", "--resume");
    assertError("--budget: found 'half', expected a share of the teacher such as 25%, 10%:parameters or 50%:latency",
        "--budget", "half");
    assertError("distil: epochs is '0', expected a whole number from 1 to 1000000", "--epochs", "0");
    assertError("--set epochs: is given twice, expected --set or an option of its own", "--epochs", "3", "--set",
        "epochs=4");
    assertError("checkpoint: found -1.0 s, expected more than 0", "--checkpoint", "-1");
    assertTrue(distil("small.onnx", "--set", "epoch=4").err().contains("found setting 'epoch', expected one of"));
    assertTrue(distil("small.onnx", "--student", "gone.onnx").err().contains("gone.onnx: no such file"));
  }

  private void assertError(String message, String... more) {
    Console console = distil("small.onnx", more);
    assertEquals("dwindle: " + message + System.lineSeparator(), console.err());
    assertEquals(2, console.code());
  }
}
