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
import java.util.stream.Collectors;
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
    JsonNode race = mapper.readTree(Path.of("benchmarks/results/int8-peers.json").toFile());
    JsonNode models = race.get("models");
    for (String name : (Iterable<String>) models::fieldNames) {
      requireRace(readme, name, models.get(name));
    }
    for (String device : List.of("onnxruntime-cpu", "openvino-cpu")) {
      JsonNode onTarget = mapper.readTree(Path.of("benchmarks/results/on-target-" + device + ".json").toFile())
          .get("models");
      for (String name : (Iterable<String>) onTarget::fieldNames) {
        requireOnTarget(readme, name, onTarget.get(name));
      }
    }
    JsonNode saturation = mapper.readTree(Path.of("benchmarks/results/saturation.json").toFile()).get("models");
    for (String name : (Iterable<String>) saturation::fieldNames) {
      requireSaturation(readme, name, saturation.get(name));
    }
    JsonNode students = mapper.readTree(Path.of("benchmarks/results/distillation.json").toFile()).get("models");
    String page = Files.readString(Path.of("docs/distillation.md"));
    for (String arm : List.of("/resnet20_cifar10/distilled", "/resnet20_cifar10/labels alone",
        "/lenet300-100_mnist/dense, a tenth of the weights", "/lenet300-100_mnist/convolutional, given")) {
      requireStudent(readme, students.at(arm));
      requireStudent(page, students.at(arm));
    }
    JsonNode gain = students.at("/resnet20_cifar10/distilled minus labels alone");
    String gained = "gains " + seeds(gain, "%.2f points [%.2f, %.2f]");
    assertTrue(readme.contains(gained) && page.contains(gained), "README.md or docs/distillation.md lacks: " + gained);
    JsonNode half = mapper.readTree(Path.of("benchmarks/results/distillation-tokens.json").toFile())
        .at("/models/minilm_l6");
    String learned = seeds(half.get("spearman"), "%.4f [%.4f, %.4f] over three seeds, ")
        + String.format(Locale.ROOT, "%.4f of the whole", half.get("teacher").asDouble());
    assertTrue(readme.contains(learned) && page.contains(learned),
        "README.md or docs/distillation.md lacks: " + learned);
    JsonNode finetuned = mapper.readTree(Path.of("benchmarks/results/finetuning.json").toFile())
        .at("/models/resnet20_cifar10");
    String trained = String.format(Locale.ROOT, "%.2f %% after calibration, ",
        finetuned.at("/postTraining/mse").asDouble()) + seeds(finetuned.get("trained"), "%.2f %% [%.2f, %.2f]");
    assertTrue(readme.contains(trained), "README.md lacks: " + trained);
    for (String arm : List.of("learnedRounding", "trainedAfterLearnedRounding")) {
      String rounded = seeds(finetuned.get(arm), "%.2f %% [%.2f, %.2f]");
      assertTrue(readme.contains(rounded), "README.md lacks: " + rounded);
    }
    JsonNode training = mapper.readTree(Path.of("benchmarks/results/training.json").toFile()).get("speed");
    for (String net : (Iterable<String>) training::fieldNames) {
      String speed = String.format(Locale.ROOT, "%s %.2f times as many images a second", net,
          training.get(net).at("/ratio/median").asDouble());
      assertTrue(readme.contains(speed), "README.md lacks: " + speed);
    }
    JsonNode deep = mapper.readTree(Path.of("benchmarks/results/deep-compression.json").toFile()).get("models");
    for (String name : (Iterable<String>) deep::fieldNames) {
      for (JsonNode step : deep.get(name).get("steps")) requireStep(readme, name, step);
    }
    JsonNode shared = mapper.readTree(Path.of("benchmarks/results/codebooks.json").toFile())
        .at("/models/minilm_l6/runs");
    for (JsonNode run : shared) {
      String row = String.format(Locale.ROOT, "| %d, %s | %,d | %.2fx | %,d | %.2fx | %.4f | %.4f |",
          run.get("entries").asInt(), run.get("per").asText(), run.get("onnxBytes").asLong(),
          run.get("onnxRatio").asDouble(), run.get("dwzBytes").asLong(), run.get("dwzRatio").asDouble(),
          run.get("onnxruntime").asDouble(), run.get("openvino").asDouble());
      assertTrue(readme.contains(row), "README.md lacks: " + row);
    }
    JsonNode lossy = mapper.readTree(Path.of("benchmarks/results/lossy.json").toFile()).get("models");
    for (String name : (Iterable<String>) lossy::fieldNames) requireLossy(readme, name, lossy.get(name));
    JsonNode structured = mapper.readTree(Path.of("benchmarks/results/structured.json").toFile()).get("models");
    for (String name : (Iterable<String>) structured::fieldNames) {
      for (JsonNode run : structured.get(name).get("runs")) requireStructured(readme, name, run);
    }
    JsonNode zeros = mapper.readTree(Path.of("benchmarks/results/unstructured.json").toFile()).get("models");
    for (String name : (Iterable<String>) zeros::fieldNames) {
      for (JsonNode run : zeros.get(name).get("runs")) requireUnstructured(readme, name, run);
    }
    JsonNode pruned = mapper.readTree(Path.of("benchmarks/results/one-shot.json").toFile()).get("models");
    requireOneShot(readme, pruned, "1", "half of the weights zero");
    requireOneShot(readme, pruned, "2:4", "2:4");
    for (String peer : List.of("nncf", "onnxruntime")) {
      String mean = String.format(Locale.ROOT, "%.2f", race.get("geometricMeanTimeRatio").get(peer).asDouble());
      assertTrue(readme.lines().anyMatch(l -> l.startsWith("| geometric mean |") && l.contains(" " + mean + " ")),
          "README.md lacks the geometric mean " + mean + " against " + peer);
    }
  }

  /** Figures in the decision on packing are those of the committed result file. */
  @Test
  void theFiguresOfPackingAreThoseOfTheResultFile() throws Exception {
    String page = Files.readString(Path.of("docs/decisions/035-packing.md"));
    JsonNode models = new ObjectMapper().readTree(Path.of("benchmarks/results/pack.json").toFile()).get("models");
    for (String name : (Iterable<String>) models::fieldNames) {
      JsonNode types = models.get(name);
      for (String type : (Iterable<String>) types::fieldNames) {
        StringBuilder row = new StringBuilder(
            String.format(Locale.ROOT, "| %s, %s | %,d", name, type, types.get(type).get("bytes").asLong()));
        for (String coder : List.of("small", "fast", "zipnn", "zstd19")) {
          row.append(String.format(Locale.ROOT, " | %,d", types.get(type).get(coder).get("bytes").asLong()));
        }
        for (String coder : List.of("small", "fast", "zipnn")) {
          row.append(String.format(Locale.ROOT, " | %,.0f, %,.0f", types.get(type).get(coder).get("in").asDouble(),
              types.get(type).get(coder).get("out").asDouble()));
        }
        row.append(String.format(Locale.ROOT, " | %.2f, %.2f |",
            types.get(type).at("/speedRatio_in/median").asDouble(),
            types.get(type).at("/speedRatio_out/median").asDouble()));
        assertTrue(page.contains(row), "docs/decisions/035-packing.md lacks: " + row);
      }
    }
  }

  /** A mean over seeds with its interval. */
  private static String seeds(JsonNode of, String form) {
    return String.format(Locale.ROOT, form, of.get("mean").asDouble(), of.at("/interval/0").asDouble(),
        of.at("/interval/1").asDouble());
  }

  private static void requireStudent(String text, JsonNode student) {
    String row = String.format(Locale.ROOT, "| %,d | %,d | ", student.get("multiplyAdds").asLong(),
        student.get("numbers").asLong()) + seeds(student.get("top1"), "%.2f %% [%.2f, %.2f] |");
    assertTrue(text.contains(row), "README.md or docs/distillation.md lacks: " + row);
  }

  private static void requireStep(String readme, String name, JsonNode step) {
    JsonNode change = step.get("lessOriginal");
    String row = String.format(Locale.ROOT, "| %s, %s | %,d | %.2f %% | %+.2f pt [%+.2f, %+.2f] | %,d | %.1fx |", name,
        step.get("step").asText(), step.get("onnxBytes").asLong(), step.get("top1").asDouble(),
        change.get("points").asDouble(), change.get("low").asDouble(), change.get("high").asDouble(),
        step.get("dwzBytes").asLong(), step.get("ratio").asDouble());
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

  private static void requireLossy(String readme, String name, JsonNode model) {
    String form = name.startsWith("resnet") ? "%.2f %% |" : "%.4f |";
    double unit = name.startsWith("resnet") ? 100 : 1;
    for (JsonNode run : model.get("nncodec")) {
      String row = String.format(Locale.ROOT, "| %s | NNCodec, qp %d | %,d | " + form, name, run.get("qp").asInt(),
          run.get("bytes").asLong(), unit * run.get("score").asDouble());
      assertTrue(readme.contains(row), "README.md lacks: " + row);
    }
    for (String arm : List.of("plain", "sampled")) {
      for (JsonNode run : model.get(arm)) {
        String worth = run.get("lambda").asText();
        String row = String.format(Locale.ROOT, "| %s | step %s%s, %d samples | %,d | " + form, name,
            run.get("step").asText(), worth.equals("0.05") ? "" : ", lambda " + worth, run.get("samples").asInt(),
            run.at("/small/fileBytes").asLong(),
            unit * run.get("score").asDouble());
        assertTrue(readme.contains(row), "README.md lacks: " + row);
      }
    }
  }

  private static void requireUnstructured(String readme, String name, JsonNode run) {
    String row = String.format(Locale.ROOT, "| %s | %.0f %% | %,d | %.2f %% | %s | %s |", name,
        100 * run.get("sparsity").asDouble(), run.get("bytes").asLong(), 100 * run.get("score").asDouble(),
        speed(run.at("/speedup/as the machine has")), speed(run.at("/speedup/256 bits, 16 registers")));
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

  private static void requireStructured(String readme, String name, JsonNode run) {
    String row = String.format(Locale.ROOT, "| %s | %s | %s | %s | %.2f %% | %s |", name, run.get("device").asText(),
        speed(run.get("speedup")), speed(run.get("speedupAllCores")), 100 * run.get("score").asDouble(),
        run.get("multiplyAdds").asText().replaceFirst(".*\\((.*)\\)", "$1"));
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

  private static String speed(JsonNode estimate) {
    return String.format(Locale.ROOT, "%.2fx [%.2f, %.2f]", estimate.get("value").asDouble(),
        estimate.get("low").asDouble(), estimate.get("high").asDouble());
  }

  private static void requireOneShot(String readme, JsonNode models, String pattern, String words) {
    StringBuilder row = new StringBuilder("| " + words + " |");
    for (String name : List.of("minilm_l6", "stories260k")) {
      for (JsonNode run : models.get(name).get("runs")) {
        if (!run.get("pattern").asText().equals(pattern)) continue;
        row.append(name.equals("minilm_l6") ? String.format(Locale.ROOT, " %.4f |", run.get("spearman").asDouble())
            : String.format(Locale.ROOT, " %.1f |", run.get("ppl").asDouble()));
      }
    }
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

  private static void requireRace(String readme, String name, JsonNode model) {
    String form = model.get("metric").asText().equals("top1") ? "%.2f %%" : "%.4f";
    double unit = model.get("metric").asText().equals("top1") ? 100 : 1;
    List<Double> scores = List.of(model.get("fp32").asDouble(), model.at("/dwindle/score").asDouble(),
        model.get("dwindleInOpenVino").asDouble(), model.at("/nncf/score").asDouble(),
        model.at("/onnxruntime/score").asDouble());
    String row = "| " + name + " | " + scores.stream().map(s -> String.format(Locale.ROOT, form, unit * s))
        .collect(Collectors.joining(" | "));
    row += String.format(Locale.ROOT, " | %.2fx | %.2f | %.2f |",
        model.get("bytesFp32").asDouble() / model.at("/dwindle/bytes").asDouble(),
        model.at("/timeRatio/nncf").asDouble(), model.at("/timeRatio/onnxruntime").asDouble());
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

  private static void requireOnTarget(String readme, String name, JsonNode model) {
    double points = model.get("metric").asText().equals("top-1") ? 1 : 100;
    JsonNode change = model.get("difference");
    JsonNode time = model.get("timeOverOriginal");
    String row = String.format(Locale.ROOT, "| %s | %.2fx | %+.2f pt [%+.2f, %+.2f] | %.2f [%.2f, %.2f] | %s |", name,
        model.get("bytesOriginal").asDouble() / model.get("bytes").asDouble(), points * change.get("value").asDouble(),
        points * change.get("low").asDouble(), points * change.get("high").asDouble(), time.get(0).asDouble(),
        time.get(1).asDouble(), time.get(2).asDouble(),
        model.get("verdict").asText().startsWith("passed") ? "passed" : "failed");
    assertTrue(readme.contains(row), "README.md lacks: " + row);
  }

  private static void requireSaturation(String readme, String name, JsonNode model) {
    boolean share = model.get("metric").asText().equals("top1");
    String scores = List.of("fp32", "fullRangeWithExactSums", "fullRangeSaturating", "suitedSaturating").stream()
        .map(key -> String.format(Locale.ROOT, share ? "%.2f %%" : "%.4f",
            (share ? 100 : 1) * model.get(key).asDouble()))
        .collect(Collectors.joining(" | "));
    String row = String.format(Locale.ROOT, "| %s | %s | %s | %.1f %% | %.1f %% |", name, scores,
        model.get("chosen").asText().replace(" layers take weights of 7 bits", ""),
        100 * model.at("/fullRange/distanceFromPlainMeaning").asDouble(),
        100 * model.at("/fullRange/distanceFromEmulation").asDouble());
    assertTrue(readme.contains(row), "README.md lacks: " + row);
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
