package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.calibrate.ChannelHalves;
import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Interpreter;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
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
    return error(original, changed, 0);
  }

  private static double error(Model original, Model changed, int output) {
    Map<String, Tensor> input = Map.of("x", rows(30));
    float[] expected = Interpreter.run(original.graph(), input).get(output).floats();
    float[] found = Interpreter.run(changed.graph(), input).get(output).floats();
    double noise = 0;
    double signal = 0;
    for (int i = 0; i < found.length; i++) {
      noise += (found[i] - expected[i]) * (found[i] - expected[i]);
      signal += expected[i] * expected[i];
    }
    return Math.sqrt(noise / signal);
  }

  @Test
  void anOutlierIsMultipliedInFloatBesideAllProductsThatReadIt() {
    Model model = GraphText.parse(PRODUCTS);
    PassResult result = quantize(model, Map.of());
    assertEquals("1 of 1 inputs of products where channels stand out; channels left to FLOAT: 1",
        result.figures().get("smoothing"));
    Graph graph = model.graph();
    assertArrayEquals(new long[] {OUTLIER}, find(graph, "Gather").input(1).tensor().longs());
    for (String name : List.of("y", "z")) {
      Node sum = graph.value(name).producer();
      assertTrue(sum.is("Add"), "the sum has the name that the product had");
      assertEquals(Shape.of(1, name.equals("y") ? 32 : 8), sum.producer(1).input(1).tensor().shape());
      byte[] codes = sum.producer(0).producer(1).input(0).tensor().bytes();
      int columns = codes.length / CHANNELS;
      for (int i = 0; i < columns; i++) assertEquals(0, codes[OUTLIER * columns + i], "nothing is counted twice");
    }
    assertEquals("x", find(graph, "Neg").input(0).name(), "other readers see what they saw");
  }

  @Test
  void productsOfProductsReadTheWholeSums() {
    Model original = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[1,T,64] x) => (y, z)
        <float[64,64] w = random(1), float[64,8] v = random(2)>
        {
          h = MatMul(x, w)
          y = Neg(h)
          z = MatMul(h, v)
        }
        """);
    Model changed = original.copy();
    quantize(changed, Map.of());
    assertTrue(error(original, changed) < 0.03, "y errs by " + error(original, changed));
    assertTrue(error(original, changed, 1) < 0.03, "z errs by " + error(original, changed, 1));
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
    assertTrue(model.graph().nodes().stream().noneMatch(n -> n.is("Mul") || n.is("Gather")));
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

  /** The halves of samples in which each channel reached so far, the second so many times as far. */
  private static ChannelHalves halves(float[] reaches, float second) {
    return new ChannelHalves(new ChannelRanges(new float[reaches.length], reaches),
        new ChannelRanges(scaled(reaches, -second), new float[reaches.length]));
  }

  private static float[] scaled(float[] values, float by) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) scaled[i] *= by;
    return scaled;
  }

  /** Channels that reach so far, from one of them on twice as far. */
  private static float[] reaches(int channels, int twiceFrom) {
    float[] reaches = new float[channels];
    for (int c = 0; c < channels; c++) reaches[c] = c < twiceFrom ? 1 : 2;
    return reaches;
  }

  @Test
  void onlyOutliersAreLeftToFloatAndNoMoreThanEight() {
    float[] reaches = reaches(100, 100);
    Smoothing even = Smoothing.of(halves(reaches, 1));
    assertFalse(even.divides() || even.apart().length > 0, "no channel stands out");
    reaches[7] = 16;
    Smoothing outlier = Smoothing.of(halves(reaches, 1));
    assertArrayEquals(new int[] {7}, outlier.apart());
    assertFalse(outlier.divides());
    assertEquals(0, outlier.rows()[7]);
    assertEquals(1, outlier.rows()[8]);
    float[] many = reaches(1000, 1000);
    for (int c = 0; c < 20; c++) many[c] = 10 + c;
    assertArrayEquals(IntStream.range(12, 20).toArray(), Smoothing.of(halves(many, 1)).apart());
    Smoothing nothing = Smoothing.of(halves(new float[100], 1));
    assertFalse(nothing.divides() || nothing.apart().length > 0, "nothing was seen but zeros");
  }

  @Test
  void channelsAreDividedFromTheMiddleOnWhereTheSamplesAgree() {
    Smoothing agreed = Smoothing.of(halves(reaches(100, 60), 1.05f));
    assertTrue(agreed.divides());
    assertEquals(1, agreed.divisors()[59]);
    assertEquals(Math.pow(2, 0.7), agreed.divisors()[60], 1e-6);
    assertEquals(Math.pow(2, -0.7), agreed.reciprocals()[60], 1e-6);
    assertFalse(Smoothing.of(halves(reaches(100, 60), 1.2f)).divides(), "other samples would differ as these do");
    assertEquals(Math.sqrt(2), Smoothing.of(halves(reaches(100, 98), 1.2f)).divisors()[98], 1e-6);
    assertFalse(Smoothing.of(halves(scaled(reaches(100, 60), 0.6f), 0)).divides(), "half of the samples saw nothing");
  }

  private static Node find(Graph graph, String operator) {
    return graph.nodes().stream().filter(n -> n.is(operator)).findFirst().orElseThrow();
  }
}
