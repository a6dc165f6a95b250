package dev.dwindle.pass.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PruneTest {
  private static final Prune PASS = new Prune();

  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[2,3,8,8] x) => (float[2,10] y)
      <float[16,3,3,3] c = random(1), float[16] b = random(2), float[576,24] m = random(3), float[10,24] g = random(4)>
      {
        [conv] h = Conv(x, c, b)  r = Relu(h)  f = Flatten(r)  [product] p = MatMul(f, m)  [gemm] y = Gemm<transB = 1>(p, g)
      }
      """;

  private static PassResult prune(Model model, Map<String, Object> settings) {
    PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
        TargetProfile.of("cpu"), null, Samples.none(), 2, 0, Progress.SILENT));
    GraphVerifier.verify(model.graph());
    return result;
  }

  private static float[] numbers(Model model, String name) {
    return model.graph().value(name).tensor().floats();
  }

  private static long zeros(float[] numbers) {
    return IntStream.range(0, numbers.length).filter(i -> numbers[i] == 0).count();
  }

  @Test
  void theSmallestOfEachLayerGo() {
    Model model = GraphText.parse(NET);
    PassResult result = prune(model, Map.of("scope", "layer", "sparsity", 0.75));
    for (String name : List.of("c", "m", "g")) {
      float[] before = numbers(GraphText.parse(NET), name);
      float[] after = numbers(model, name);
      assertEquals(Math.round(0.75 * after.length), zeros(after), name);
      double largestGone = IntStream.range(0, after.length).filter(i -> after[i] == 0)
          .mapToDouble(i -> Math.abs(before[i]))
          .max().orElseThrow();
      for (int i = 0; i < after.length; i++) {
        if (after[i] != 0) assertEquals(before[i], after[i]);
        if (after[i] != 0) assertTrue(Math.abs(after[i]) >= largestGone);
      }
    }
    assertArrayEquals(numbers(GraphText.parse(NET), "b"), numbers(model, "b"));
    assertEquals("75.0 % of the weights of 3 layers are zero", result.summary());
  }

  /** One limit for all: a layer of small weights goes nearly whole; by what a weight adds to its layer none does. */
  @Test
  void layersShareTheBudget() {
    String net = """
        g (float[1,64] x) => (y)
        <float[64,64] small = random(1), float[64,64] tenth = {0.001}, float[64,8] large = random(2)>
        { s = MatMul(x, small)  t = MatMul(s, tenth)  y = MatMul(t, large) }""";
    Model global = GraphText.parse(net);
    prune(global, Map.of("scope", "global", "sparsity", 0.5));
    assertTrue(zeros(numbers(global, "tenth")) > 4000, () -> "zeros " + zeros(numbers(global, "tenth")));
    Model adaptive = GraphText.parse(net);
    prune(adaptive, Map.of("scope", "adaptive", "sparsity", 0.99));
    for (String name : List.of("small", "tenth", "large")) {
      assertTrue(zeros(numbers(adaptive, name)) < numbers(adaptive, name).length, name);
    }
    long all = Math.round(0.99 * (2 * 64 * 64 + 64 * 8));
    assertEquals(all,
        zeros(numbers(adaptive, "small")) + zeros(numbers(adaptive, "tenth")) + zeros(numbers(adaptive, "large")));
  }

  /** Along what a layer sums over, wherever that axis lies. */
  @Test
  void twoOfFourStay() {
    Model model = GraphText.parse(NET);
    prune(model, Map.of("pattern", "2:4"));
    float[] m = numbers(model, "m");
    for (int column = 0; column < 24; column++) {
      for (int row = 0; row < 576; row += 4) {
        int at = row * 24 + column;
        assertEquals(2, IntStream.range(0, 4).filter(i -> m[at + i * 24] == 0).count());
      }
    }
    float[] g = numbers(model, "g");
    for (int i = 0; i < g.length; i += 4) assertEquals(2, zeros(Arrays.copyOfRange(g, i, i + 4)));
    // 27 of a convolution: six whole groups and one of three, of which one goes
    float[] c = numbers(model, "c");
    for (int i = 0; i < 16; i++) assertEquals(13, zeros(Arrays.copyOfRange(c, i * 27, i * 27 + 27)));
  }

  @Test
  void blocksGoWhole() {
    Model model = GraphText.parse(NET);
    PassResult result = prune(model,
        Map.of("pattern", "8x4", "sparsity", 0.5, "exclude", List.of("op:Conv", "nothing")));
    float[] m = numbers(model, "m");
    for (int column = 0; column < 24; column += 4) {
      for (int row = 0; row < 576; row += 8) {
        int zeros = 0;
        for (int i = 0; i < 8; i++) {
          for (int k = 0; k < 4; k++) zeros += m[(row + i) * 24 + column + k] == 0 ? 1 : 0;
        }
        assertTrue(zeros == 0 || zeros == 32);
      }
    }
    assertEquals(0.5, (zeros(m) + zeros(numbers(model, "g"))) / (576 * 24 + 240.0), 0.01);
    assertEquals(Map.of("Conv 'conv'", "left alone by the recipe"), result.skipped());
    assertEquals("exclude: [nothing] match no node", result.figures().get("warning"));
  }

  /** A second pruning goes on from the first, and the whole counts. */
  @Test
  void whatIsZeroCounts() {
    Model model = GraphText.parse(NET);
    prune(model, Map.of("sparsity", 0.5));
    float[] first = numbers(model, "m");
    prune(model, Map.of("sparsity", 0.8));
    float[] second = numbers(model, "m");
    for (int i = 0; i < first.length; i++) assertTrue(first[i] != 0 || second[i] == 0);
    assertEquals(Math.round(0.8 * (432 + 576 * 24 + 240)),
        zeros(second) + zeros(numbers(model, "c")) + zeros(numbers(model, "g")));
  }

  /** A table that is looked up in, and a layer that the recipe leaves alone, read what they read. */
  @Test
  void othersGoOnReadingWhatTheyRead() {
    Model model = GraphText.parse("""
        g (int64[1] x) => (y, z)
        <float[20,8] table = random(1)>
        { e = Gather(table, x)  [go] y = Gemm<transB = 1>(e, table)  [keep] z = Gemm<transB = 1>(e, table) }""");
    PassResult result = prune(model, Map.of("exclude", List.of("keep")));
    assertEquals(0, zeros(numbers(model, "table")));
    assertEquals(80, zeros(numbers(model, "table_pruned")));
    assertEquals(Map.of("Gemm 'keep'", "left alone by the recipe"), result.skipped());
  }

  @Test
  void theLastWeightOfALayerStays() {
    Model model = GraphText.parse("g (float[1,8] x) => (y) <float[8,8] a = random(1), float[8,64] b = random(2)> "
        + "{ h = MatMul(x, a)  y = MatMul(h, b) }");
    prune(model, Map.of("sparsity", 0.9999));
    assertEquals(63, zeros(numbers(model, "a")));
    assertEquals(511, zeros(numbers(model, "b")));
  }

  @Test
  void patternsAreForMatrices() {
    Model model = GraphText.parse("g (float[2,3,4] x) => (y) <float[2,4,5] w = random(1)> { y = MatMul(x, w) }");
    assertEquals(Map.of("MatMul 'y'", "patterns are for matrices and convolutions"),
        prune(model, Map.of("pattern", "2:4")).skipped());
    prune(model, Map.of("pattern", 1));
    assertEquals(20, zeros(numbers(model, "w")));
  }

  @ParameterizedTest
  @CsvSource({"0", "4:2", "4:4", "x", "4x", "1000x1", "''"})
  void noPattern(String pattern) {
    assertEquals(
        (pattern.matches("4:[24]") ? "prune" : "test") + ": pattern is '" + pattern
            + "', expected 1, a block such as 4x1 or 16x16, or a share such as 2:4",
        assertThrows(InvalidInputException.class, () -> prune(GraphText.parse(NET), Map.of("pattern", pattern)))
            .getMessage());
  }

  @Test
  void weightsOfLayersAlone() {
    Model model = GraphText.parse("""
        g (int64[1,3] x, float[4,4] z) => (y)
        <float[8,4] table = random(1)> { e = Gather(table, x)  y = MatMul(e, z) }""");
    PassResult result = prune(model, Map.of("sparsity", 0.9));
    assertEquals(Map.of("MatMul 'y'", "its weights are not constant"), result.skipped());
    assertEquals(0, zeros(numbers(model, "table")));
    Node node = model.graph().nodes().getFirst();
    assertTrue(node.is("Gather"));
  }
}
