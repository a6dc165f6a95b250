package dev.dwindle.pass.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconstructionTest {
  private static final Prune PASS = new Prune();

  /** Layers of all kinds of which moments are known, and one, a depthwise convolution, of which they are not. */
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[N,4,6,6] x) => (y)
      <float[8,4,3,3] c = random(1), float[8] b = random(2), float[8,1,3,3] d = random(5), float[288,24] m = random(3), float[10,24] g = random(4)>
      {
        [conv] h = Conv<pads = [1,1,1,1]>(x, c, b)  r = Relu(h)  [depthwise] e = Conv<group = 8, pads = [1,1,1,1]>(r, d)
        f = Flatten(e)  [product] p = MatMul(f, m)  q = Relu(p)  [gemm] y = Gemm<transB = 1>(q, g)
      }
      """;

  /** Images whose channels are alike and of very different sizes: magnitudes alone say little. */
  private static Samples images(int count, int seed) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      float[] x = new float[4 * 36];
      float common = (float) random.nextGaussian();
      for (int i = 0; i < x.length; i++)
        x[i] = (common + 0.5f * (float) random.nextGaussian()) * (1 + 3 * (i / 36 % 2));
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 4, 6, 6), x)), null, true));
    }
    return Samples.of(samples);
  }

  private static PassResult prune(Model model, Map<String, Object> settings) {
    try (Backend cpu = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of("cpu"), cpu, images(200, 1), 1, 0, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  private static double error(Model model) {
    Model original = GraphText.parse(NET);
    double sum = 0;
    for (Sample sample : images(50, 2).stream().toList()) {
      double[] a = Elements.doubles(Interpreter.run(original.graph(), sample.inputs()).getFirst());
      double[] b = Elements.doubles(Interpreter.run(model.graph(), sample.inputs()).getFirst());
      for (int i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  private static double error(String by, String pattern) {
    Model model = GraphText.parse(NET);
    Map<String, Object> settings = new HashMap<>(
        Map.of("by", by, "scope", "layer", "pattern", pattern, "exclude", List.of("depthwise")));
    prune(model, settings);
    for (String name : List.of("c", "m", "g")) {
      float[] numbers = model.graph().value(name).tensor().floats();
      long zeros = IntStream.range(0, numbers.length).filter(i -> numbers[i] == 0).count();
      assertEquals(numbers.length / 2.0, zeros, numbers.length * 0.01 + 1, by + " " + name);
    }
    return error(model);
  }

  @ParameterizedTest
  @CsvSource({"1", "2:4"})
  void whatSamplesShowIsBetterThanMagnitude(String pattern) {
    double magnitude = error("magnitude", pattern);
    double wanda = error("wanda", pattern);
    double sparseGpt = error("sparsegpt", pattern);
    assertTrue(wanda < magnitude, () -> "wanda " + wanda + ", magnitude " + magnitude);
    assertTrue(sparseGpt < 0.6 * wanda, () -> "sparsegpt " + sparseGpt + ", wanda " + wanda);
  }

  @Test
  void twoOfFourStayBySparseGpt() {
    Model model = GraphText.parse(NET);
    PassResult result = prune(model, Map.of("by", "sparsegpt", "pattern", "2:4"));
    float[] m = model.graph().value("m").tensor().floats();
    for (int column = 0; column < 24; column++) {
      for (int row = 0; row < 288; row += 4) {
        int at = row * 24 + column;
        assertEquals(2, IntStream.range(0, 4).filter(i -> m[at + i * 24] == 0).count());
      }
    }
    assertEquals("44.4 % of 72 weights zero, by magnitude", result.changed().get("Conv 'depthwise'"));
  }

  /** The triangle's product with itself is the inverse of the damped matrix. */
  @Test
  void theFactorIsThatOfTheInverse() {
    int n = 37;
    Random random = new Random(3);
    double[][] x = new double[60][n];
    for (double[] row : x) for (int i = 0; i < n; i++) row[i] = i == 5 ? 0 : random.nextGaussian();
    float[] moments = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) for (double[] row : x) moments[i * n + k] += (float) (row[i] * row[k]);
    }
    double mean = IntStream.range(0, n).mapToDouble(i -> moments[i * n + i] / n).sum();
    double[][] u = InverseFactor.of(moments, n, 0.01);
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        double product = 0;
        for (int j = 0; j < n; j++) {
          double inverse = 0;
          for (int l = 0; l <= Math.min(i, j); l++) inverse += u[l][i] * u[l][j];
          double damped = moments[j * n + k] + (j == k ? 0.01 * mean : 0);
          product += inverse * damped;
        }
        assertEquals(i == k ? 1 : 0, product, 1e-6, i + ", " + k);
      }
    }
  }

  /** Sums in FLOAT of many like numbers are off by a thousandth, which no sum of squares would be: here by more than the damping. */
  @Test
  void momentsThatAreOffByMoreThanTheDampingGetMoreOfIt() {
    float[] moments = {1, 1.05f, 1.05f, 1};
    double[][] inverse = InverseFactor.inverse(moments, 2, 0.01);
    double damped = 1.1;
    double determinant = damped * damped - 1.05 * 1.05;
    assertEquals(damped / determinant, inverse[0][0], 1e-5);
    assertEquals(-1.05 / determinant, inverse[1][0], 1e-5);
  }

  /** Half of the inputs are always 0: their weights go before any other. */
  @ParameterizedTest
  @CsvSource({"wanda", "sparsegpt"})
  void weightsOfDeadInputsGoFirst(String by) {
    Model model = GraphText.parse("""
        g (float[N,4,6,6] x) => (y) <float[1,4,1,1] none = {0}, float[288,16] w = random(3)>
        { z = Mul(x, none)  j = Concat<axis = 1>(x, z)  f = Flatten(j)  y = MatMul(f, w) }""");
    prune(model, Map.of("by", by));
    float[] w = model.graph().value("w").tensor().floats();
    for (int i = 0; i < w.length; i++) assertEquals(i / 16 >= 144, w[i] == 0, "at " + i);
  }

  /** Where an output sums over a single input, half of the outputs lose theirs. */
  @Test
  void roundingIsSpreadOverRows() {
    Model model = GraphText.parse("g (float[N,4,6,6] x) => (y) <int64[1] axes = {1}, float[1,64] w = random(3)> "
        + "{ f = Flatten(x)  m = ReduceMean(f, axes)  y = MatMul(m, w) }");
    prune(model, Map.of("by", "wanda", "scope", "layer"));
    assertEquals(32, zeros(model, "w"));
  }

  @Test
  void samplesMustBeFinite() {
    Model model = GraphText.parse("g (float[N,4,6,6] x) => (y) <float[] none = {0}, float[144,16] w = random(3)> "
        + "{ f = Flatten(x)  z = Div(f, none)  y = MatMul(z, w) }");
    assertTrue(assertThrows(InvalidInputException.class, () -> prune(model, Map.of("by", "sparsegpt"))).getMessage()
        .startsWith("weights 'w': what is multiplied with them is not finite on the calibration samples"));
  }

  @Test
  void blocksAreByMagnitudeOnly() {
    assertEquals("prune: by wanda with pattern '4x1', expected 1 or a share such as 2:4, or by magnitude",
        assertThrows(InvalidInputException.class,
            () -> prune(GraphText.parse(NET), Map.of("by", "wanda", "pattern", "4x1"))).getMessage());
  }

  /** The shares of layers are those of the scope, whatever weights are worth in them. */
  @Test
  void sharesFollowTheScope() {
    Model magnitude = GraphText.parse(NET);
    prune(magnitude, Map.of("sparsity", 0.7));
    Model sparseGpt = GraphText.parse(NET);
    prune(sparseGpt, Map.of("sparsity", 0.7, "by", "sparsegpt"));
    for (String name : List.of("c", "m", "g")) {
      assertEquals(zeros(magnitude, name), zeros(sparseGpt, name),
          magnitude.graph().value(name).tensor().size() * 0.01 + 1);
    }
  }

  private static long zeros(Model model, String name) {
    float[] numbers = model.graph().value(name).tensor().floats();
    return IntStream.range(0, numbers.length).filter(i -> numbers[i] == 0).count();
  }
}
