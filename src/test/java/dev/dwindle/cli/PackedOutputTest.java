package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes that end in pack: both files, what the report says of them, and what stands in the way. */
class PackedOutputTest {
  @TempDir
  Path folder;

  @BeforeEach
  void copySample() throws IOException {
    SampleFiles.copyTo(folder);
  }

  private Path recipe(String passes) throws IOException {
    return Files.writeString(folder.resolve("recipe.yaml"), "passes: [" + passes + "]\n");
  }

  private Console compress(Object... more) {
    List<Object> words = new ArrayList<>(List.of("compress", folder.resolve("glyphs.onnx"), "-o",
        folder.resolve("small.onnx"), "--report", folder.resolve("report.json")));
    words.addAll(List.of(more));
    return Console.run(words.toArray());
  }

  private Console measured(Object... more) {
    List<Object> words = new ArrayList<>(List.of("--data", folder.resolve("glyphs.yaml"), "--runs", "20"));
    words.addAll(List.of(more));
    return compress(words.toArray());
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
  }

  private void assertUnpacksToTheModel() throws IOException {
    Console back = Console.run("unpack", folder.resolve("small.dwz"), "-o", folder.resolve("back.onnx"));
    assertEquals(0, back.code(), back.err());
    assertEquals(-1, Files.mismatch(folder.resolve("small.onnx"), folder.resolve("back.onnx")));
  }

  /** A recipe that ends in pack writes both files; the packed one is the model's, byte for byte, and in the report. */
  @Test
  void aRecipePacks() throws IOException {
    long[] bytes = new long[2];
    for (String preset : new String[] {"small", "fast"}) {
      Path recipe = recipe("fold, {prune: {sparsity: 0.5}}, {share: {entries: 16}}, {pack: {preset: " + preset + "}}");
      Console console = measured("--recipe", recipe);
      assertEquals(0, console.code(), console.err());
      JsonNode packed = report().get("compressed").get("packed");
      long size = Files.size(folder.resolve("small.dwz"));
      assertEquals(folder.resolve("small.dwz").toString(), packed.get("path").asText());
      assertEquals(preset, packed.get("preset").asText());
      assertEquals(size, packed.get("bytes").asLong());
      assertTrue(console.out().matches("(?s).*\\ndone: [\\d.]+x smaller, packed [\\d.]+x smaller, .*"), console.out());
      bytes[preset.equals("small") ? 0 : 1] = size;
      assertUnpacksToTheModel();
    }
    assertTrue(bytes[0] < bytes[1], bytes[0] + " and " + bytes[1]);
  }

  /** Layers are chosen by accuracy, and the recipe of the report still packs. */
  @Test
  void aSearchPacksWhatItFinds() throws IOException {
    Console console = measured("--recipe", recipe("fold, quantize, pack"), "--max-drop", "0.2pt");
    assertTrue(console.code() <= 1, console.err());
    assertUnpacksToTheModel();
    assertTrue(report().get("recipe").asText().strip().matches("(?s)(.*- pack|passes: .*, pack])"),
        report().get("recipe").asText());
  }

  /** A budget is a gate, of a replay too; one that does not hold is exit code 1. */
  @Test
  void aReplayKeepsTheBudget() throws IOException {
    Console first = compress("--budget", "size=20%", "--no-measure");
    assertEquals(0, first.code(), first.err());
    byte[] packed = Files.readAllBytes(folder.resolve("small.dwz"));
    Path earlier = Files.copy(folder.resolve("report.json"), folder.resolve("earlier.json"));
    Console again = compress("--replay", earlier, "--no-measure");
    assertEquals(0, again.code(), again.err());
    assertEquals(-1, Arrays.mismatch(packed, Files.readAllBytes(folder.resolve("small.dwz"))));
    assertTrue(again.out().contains("passed: packed-size is "), again.out());
    String narrower = Files.readString(earlier).replace("\"20%\"", "\"1.5%\"");
    Console failed = compress("--replay", Files.writeString(folder.resolve("narrower.json"), narrower), "--no-measure");
    assertEquals(1, failed.code(), failed.err());
    assertTrue(failed.out().contains("failed: packed-size is ") && failed.out().contains("expected at most 1.5%"),
        failed.out());
  }

  /** Tensors beside the model count to the original, and go into the file that is packed. */
  @Test
  void tensorsOfAnotherFileArePacked() throws IOException {
    Path inside = folder.resolve("glyphs.onnx");
    Path outside = folder.resolve("outside.onnx");
    OnnxWriter.write(OnnxReader.read(inside), outside, true);
    Files.delete(inside);
    Console console = Console.run("compress", outside, "-o", folder.resolve("small.onnx"), "--recipe", recipe("pack"),
        "--no-measure", "--no-report");
    assertEquals(0, console.code(), console.err());
    assertUnpacksToTheModel();
    Console budget = Console.run("compress", outside, "-o", folder.resolve("small.onnx"), "--budget", "size=20%",
        "--no-measure", "--no-report");
    assertEquals(0, budget.code(), budget.err());
    assertTrue(budget.out().contains("passed: packed-size is "), budget.out());
  }

  @Test
  void nothingIsPackedOverTheModelOrAFolder() throws IOException {
    Path recipe = recipe("fold, pack");
    Files.createDirectory(folder.resolve("small.dwz"));
    Console console = compress("--recipe", recipe, "--no-measure");
    assertEquals(2, console.code());
    assertTrue(console.err().contains("small.dwz"), console.err());
    assertFalse(Files.exists(folder.resolve("small.onnx")));
    Path model = Files.copy(folder.resolve("glyphs.onnx"), folder.resolve("model.dwz"));
    Console over = Console.run("compress", model, "-o", folder.resolve("model.onnx"), "--recipe", recipe,
        "--no-measure", "--no-report");
    assertEquals(2, over.code());
    assertEquals(-1, Files.mismatch(model, folder.resolve("glyphs.onnx")));
    assertFalse(Files.exists(folder.resolve("model.onnx")));
  }
}
