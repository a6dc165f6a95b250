package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Interpreter;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SmoothingTest {
  private static final int CHANNELS = 64;
  private static final int OUTLIER = 5;
  private static final String PRODUCTS = """
      <ir_version: 8, opset_import: ["": 17]>
      net (float[1,T,64] x) => (y, z, other)
      <float[64,32] w = random(1), float[64,8] v = random(2)>
      {
        y = MatMul(x, w)
        z = MatMul(x, v)
        other = Neg(x)
      }
      """;

  /** Rows of ordinary channels and one that reaches fifty times as far. */
  private static Tensor rows(int count) {
    Random random = new Random(count);
    float[] values = new float[count * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * (i % CHANNELS == OUTLIER ? 50 : 1);
    }
    return Tensor.of(Shape.of(1, count, CHANNELS), values);
  }

  private static PassResult quantize(Model model, Map<String, Object> settings) {
    return QuantizeRun.of(model, settings, "x", rows(40), rows(7));
  }

  private static double error(Model original, Model changed) {
    Map<String, Tensor> input = Map.of("x", rows(30));
    float[] expected = Interpreter.run(original.graph(), input).getFirst().floats();
    float[] found = Interpreter.run(changed.graph(), input).getFirst().floats();
    double noise = 0;
    double signal = 0;
    for (int i = 0; i < found.length; i++) {
      noise += (found[i] - expected[i]) * (found[i] - expected[i]);
      signal += expected[i] * expected[i];
    }
    return Math.sqrt(noise / signal);
  }

  @Test
  void anOutlierIsDividedOnceForAllProductsThatReadIt() {
    Model model = GraphText.parse(PRODUCTS);
    PassResult result = quantize(model, Map.of());
    assertEquals("1 of 1 inputs of products divided where channels stand out", result.figures().get("smoothing"));
    Graph graph = model.graph();
    List<Node> products = graph.nodes().stream().filter(n -> n.is("Mul")).toList();
    assertEquals(1, products.size());
    float[] reciprocals = products.getFirst().input(1).tensor().floats();
    for (int c = 0; c < CHANNELS; c++) {
      assertTrue(c == OUTLIER ? reciprocals[c] < 0.1 : reciprocals[c] > 0.5, "channel " + c + ": " + reciprocals[c]);
    }
    assertEquals("x", find(graph, "Neg").input(0).name(), "other readers see what they saw");
  }

  @Test
  void whatIsComputedErrsMuchLess() {
    Model original = GraphText.parse(PRODUCTS);
    Model plain = original.copy();
    Model smooth = original.copy();
    quantize(plain, Map.of("smoothing", false));
    quantize(smooth, Map.of());
    assertTrue(error(original, smooth) < 0.6 * error(original, plain),
        error(original, smooth) + " against " + error(original, plain));
  }

  @Test
  void otherMethodsAndValuesThatAnythingElseReadsInIntegersAreLeftAlone() {
    Model model = GraphText.parse(PRODUCTS);
    assertFalse(quantize(model, Map.of("calibration", "mse")).figures().containsKey("smoothing"));
    assertNull(model.graph().nodes().stream().filter(n -> n.is("Mul")).findFirst().orElse(null));
    Model square = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[1,T,64] x) => (y, z)
        <float[64,32] w = random(1)>
        {
          y = MatMul(x, w)
          t = Transpose <perm = [0, 2, 1]> (x)
          z = MatMul(t, x)
        }
        """);
    assertFalse(quantize(square, Map.of("activation_products", true)).figures().containsKey("smoothing"));
  }

  @Test
  void onlyWhatReachesFarBeyondTheUsualHasAFactor() {
    float[] max = new float[100];
    Arrays.fill(max, 1);
    float[] min = max.clone();
    for (int c = 0; c < 100; c++) min[c] = -1;
    assertNull(Smoothing.factors(new ChannelRanges(min, max)), "no channel stands out");
    max[7] = 1.9f;
    assertNull(Smoothing.factors(new ChannelRanges(min, max)), "not far enough to pay");
    min[7] = -16;
    float[] expected = new float[100];
    Arrays.fill(expected, 1);
    expected[7] = (float) Math.pow(16, 0.85);
    assertArrayEquals(expected, Smoothing.factors(new ChannelRanges(min, max)), 1e-5f);
    assertNull(Smoothing.factors(new ChannelRanges(new float[100], new float[100])), "nothing was seen but zeros");
  }

  private static Node find(Graph graph, String operator) {
    return graph.nodes().stream().filter(n -> n.is(operator)).findFirst().orElseThrow();
  }
}
