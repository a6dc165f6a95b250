package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.quant.Elements;
import dev.dwindle.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pruning, training, sharing and training again in one recipe: what each pass did is there in the end. */
class DeepCompressionTest {
  @TempDir
  Path folder;

  private Model compressed(String last) throws IOException {
    SampleFiles.copyTo(folder);
    Path recipe = folder.resolve("deep.yaml");
    Files.writeString(recipe, """
        passes:
          - fold
          - prune: {sparsity: 0.6}
          - finetune: {epochs: 1, variants: 1}
          - prune: {sparsity: 0.8}
          - finetune: {epochs: 2, variants: 2}
          - share: {entries: 16}
        """ + last);
    Path out = folder.resolve("deep.onnx");
    Console console = Console.run("compress", folder.resolve("glyphs.onnx"), "-o", out, "--recipe", recipe, "--data",
        folder.resolve("glyphs.yaml"), "--no-measure", "--no-report");
    assertEquals(0, console.code(), console.err());
    return OnnxReader.read(out);
  }

  /** The weights that a convolution looks up. */
  private static float[] weights(Graph graph, int layer) {
    Node gather = graph.nodes().stream().filter(n -> n.is("Conv")).toList().get(layer).input(1).producer();
    float[] codebook = gather.input(0).tensor().floats();
    long[] places = Elements.longs(gather.input(1).producer().input(0).tensor());
    float[] weights = new float[places.length];
    for (int i = 0; i < weights.length; i++) weights[i] = codebook[(int) places[i]];
    return weights;
  }

  private Console budgeted(String budget, String... more) throws IOException {
    SampleFiles.copyTo(folder);
    List<Object> words = new ArrayList<>(List.of("compress", folder.resolve("glyphs.onnx"), "-o",
        folder.resolve("small.onnx"), "--budget", budget, "--no-measure"));
    words.addAll(List.of(more));
    return Console.run(words.toArray());
  }

  @Test
  void aBudgetIsKept() throws IOException {
    long original = 0;
    for (int percent : new int[] {20, 10, 5}) {
      Console console = budgeted("size=" + percent + "%", "--no-report");
      assertEquals(0, console.code(), console.err());
      original = Files.size(folder.resolve("glyphs.onnx"));
      long packed = Files.size(folder.resolve("small.dwz"));
      assertTrue(packed <= percent / 100.0 * original, packed + " of " + original);
      assertTrue(packed >= 0.8 * percent / 100.0 * original, "far less than asked: " + packed + " of " + original);
      assertTrue(console.out().contains("packed: " + folder.resolve("small.dwz")), console.out());
      assertTrue(console.out()
          .matches("(?s).*passed: packed-size is [\\d,]+ B \\([\\d.]+ % of the original\\), expected at most " + percent
              + "%\n.*"),
          console.out());
    }
    Console back = Console.run("unpack", folder.resolve("small.dwz"), "-o", folder.resolve("back.onnx"));
    assertEquals(0, back.code(), back.err());
    assertEquals(-1, Files.mismatch(folder.resolve("small.onnx"), folder.resolve("back.onnx")));
  }

  /** The recipe says what it is for, and is one that can be run again by itself. */
  @Test
  void whatABudgetChoseIsARecipe() throws IOException {
    Path data = folder.resolve("glyphs.yaml");
    Console console = budgeted("size=6%", "--data", data.toString(), "--report",
        folder.resolve("report.json").toString());
    assertEquals(0, console.code(), console.err());
    String recipe = new ObjectMapper().readTree(folder.resolve("report.json").toFile()).get("recipe").asText();
    assertTrue(
        recipe.matches(
            "(?s)# 6 % of [\\d,]+ bytes: without training it packs to [\\d.]+ %\npasses: \\[fold, \\{prune.*, pack\\]\n"),
        recipe);
    assertTrue(recipe.contains("finetune") && recipe.contains("rdoq"), recipe);
    assertTrue(Recipe.parse("again", recipe).trains());
  }

  @Test
  void aBudgetThatCannotBeKeptIsRefused() throws IOException {
    Console console = budgeted("size=0.2%", "--no-report");
    assertEquals(2, console.code());
    assertTrue(console.err().matches(
        "(?s).*budget: with nearly all weights zero the packed model takes [\\d.]+ % of the original, expected at most 0.2 %; allow more, .*"),
        console.err());
    assertFalse(Files.exists(folder.resolve("small.onnx")) || Files.exists(folder.resolve("small.dwz")));
  }

  @Test
  void zerosAndCodebooksHoldThroughTraining() throws IOException {
    Model shared = compressed("");
    Model trained = compressed("  - finetune: {epochs: 2, variants: 2, rate: 0.001}\n");
    long gathers = trained.graph().nodes().stream().filter(n -> n.is("Gather")).count();
    assertTrue(gathers >= 4, () -> gathers + " codebooks");
    int moved = 0;
    for (Value constant : trained.graph().constants()) {
      if (!constant.name().endsWith("_codebook")) continue;
      float[] before = shared.graph().value(constant.name()).tensor().floats();
      float[] after = constant.tensor().floats();
      for (int i = 0; i < before.length; i++) {
        assertEquals(before[i] == 0, after[i] == 0, constant.name() + " at " + i);
        moved += before[i] != after[i] ? 1 : 0;
      }
    }
    assertTrue(moved > 30, moved + " entries trained");
    long zeros = 0;
    long all = 0;
    for (int layer = 0; layer < shared.graph().nodes().stream().filter(n -> n.is("Conv")).count(); layer++) {
      float[] before = weights(shared.graph(), layer);
      float[] after = weights(trained.graph(), layer);
      int at = layer;
      assertTrue(IntStream.range(0, before.length).allMatch(i -> before[i] == 0 == (after[i] == 0)),
          () -> "layer " + at);
      assertTrue(IntStream.range(0, after.length).mapToObj(i -> after[i]).distinct().count() <= 16);
      zeros += IntStream.range(0, after.length).filter(i -> after[i] == 0).count();
      all += after.length;
    }
    assertTrue(zeros > 0.7 * all, zeros + " of " + all);
  }
}
