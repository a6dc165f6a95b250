package dev.dwindle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dwindle.engine.SampleFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in the README compiles and does what is promised there. */
class ReadmeTest {
  @TempDir
  Path folder;

  /** Figures in the README are those of the committed result files. */
  @Test
  void theFiguresAreThoseOfTheResultFiles() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    ObjectMapper mapper = new ObjectMapper();
    JsonNode latency = mapper.readTree(Path.of("benchmarks/results/fp32-latency.json").toFile());
    for (JsonNode model : latency.get("models")) {
      requireRatios(readme, model.get("model").asText(), model);
    }
    requireRatios(readme, "geometric mean", latency.get("geometric_means"));
    JsonNode scores = mapper.readTree(Path.of("benchmarks/results/int8-scores.json").toFile()).get("models");
    for (String name : (Iterable<String>) scores::fieldNames) {
      JsonNode model = scores.get(name);
      boolean share = model.get("metric").asText().equals("top1");
      for (String key : List.of("fp32", "int8", "int8OpenVino")) {
        double value = model.get(key).asDouble();
        String text = share ? String.format(Locale.ROOT, "%.2f %%", 100 * value)
            : String.format(Locale.ROOT, "%.4f", value);
        String row = readme.lines().filter(l -> l.startsWith("| " + name + " ")).findFirst().orElse("");
        assertTrue(row.contains(text), name + ": README.md lacks " + key + " " + text + " in: " + row);
      }
    }
  }

  private static void requireRatios(String readme, String name, JsonNode teams) {
    String row = String.format(Locale.ROOT, "| %s | %.2f | %.2f |", name,
        teams.get("one_thread").get("ratio_least").asDouble(),
        teams.get("two_threads").get("ratio_least").asDouble());
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

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
