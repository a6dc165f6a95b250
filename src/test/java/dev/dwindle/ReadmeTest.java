package dev.dwindle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in the README compiles and does what is promised there. */
class ReadmeTest {
  @TempDir
  Path folder;

  @Test
  void theProgramRuns() throws Exception {
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(Path.of("README.md")));
    assertTrue(block.find(), "README.md has no Java program");
    assertTrue(block.group(1).lines().count() <= 18, "the program is longer than promised");
    Files.writeString(folder.resolve("Shrink.java"), block.group(1));
    SampleFiles.copyTo(folder);
    Files.copy(folder.resolve("glyphs.onnx"), folder.resolve("model.onnx"));
    Files.copy(folder.resolve("glyphs.yaml"), folder.resolve("data.yaml"));
    List<String> command = List.of(
        ProcessHandle.current().info().command().orElseThrow(), "--add-modules", "jdk.incubator.vector", "-cp",
        System.getProperty("java.class.path"), "Shrink.java");
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.lines().toList().getLast().startsWith("passed: "), output);
    assertTrue(Files.size(folder.resolve("small.onnx")) < Files.size(folder.resolve("model.onnx")) / 2);
  }
}
