package dev.dwindle.pass.rdoq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateDistortionTest {
  private static final RateDistortion PASS = new RateDistortion();

  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[N,4,6,6] x) => (y)
      <float[8,4,3,3] c = random(1), float[8] s = random(7), float[24] b = random(2), float[8,1,3,3] d = random(5), float[288,24] m = random(3), float[10,24] g = random(4)>
      {
        [conv] h = Conv<pads = [1,1,1,1]>(x, c, s)  r = Relu(h)  [depthwise] e = Conv<group = 8, pads = [1,1,1,1]>(r, d)
        f = Flatten(e)  [product] p = MatMul(f, m)  a = Add(p, b)  q = Relu(a)  [gemm] y = Gemm<transB = 1>(q, g)
      }
      """;

  /** Images whose channels, and whose neighbouring places, are alike. */
  private static Samples images(int count, int seed) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      float[] x = new float[4 * 36];
      float common = (float) random.nextGaussian();
      for (int i = 0; i < x.length; i++) x[i] = common + 0.3f * (float) random.nextGaussian();
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 4, 6, 6), x)), null, true));
    }
    return Samples.of(samples);
  }

  private static PassResult quantize(Model model, Map<String, Object> settings, Samples samples) {
    try (Backend cpu = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of("cpu"), cpu, samples, 2, 0, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  private static float[] numbers(int seed, int count) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) numbers[i] = (float) random.nextGaussian();
    return numbers;
  }

  /** Each level is the best of all, by squared error and what its bits are worth. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5})
  void levelsCostLeast(double lambda) {
    float[] weights = numbers(1, 3000);
    Matrix matrix = new Matrix(weights, 3000, 1, 1, 1, Shape.SCALAR, false);
    Levels found = levels(matrix, Prediction.NONE, 0.7, lambda);
    float step = found.step();
    Rate rate = Rate.nearest(weights, step);
    for (int i = 0; i < weights.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int level = -Rate.MOST; level <= Rate.MOST; level++) {
        least = Math.min(least, cost(weights[i] / step, level, lambda, rate));
      }
      assertEquals(least, cost(weights[i] / step, found.levels()[i], lambda, rate), 1e-4 * (1 + least), "weight " + i);
    }
  }

  private static Levels levels(Matrix matrix, Prediction prediction, double step, double lambda) {
    try (var pool = new ForkJoinPool(2)) {
      return Levels.of(matrix, prediction, step, lambda, pool);
    }
  }

  private static double cost(double steps, int level, double lambda, Rate rate) {
    return (steps - level) * (steps - level) + lambda * rate.bits(level);
  }

  @Test
  void largerLambdaTakesFewerBits() {
    float[] weights = numbers(2, 4096);
    Matrix matrix = new Matrix(weights, 4096, 1, 1, 1, Shape.SCALAR, false);
    double last = Double.POSITIVE_INFINITY;
    for (double lambda : new double[] {0, 0.05, 0.2, 0.8}) {
      double bits = levels(matrix, Prediction.NONE, 0.6, lambda).bits();
      assertTrue(bits < last, bits + " after " + last);
      last = bits;
    }
  }

  /** No weight errs by more than half a step where a bit is worth nothing, unless it makes up for others. */
  @Test
  void nearestLevelsErrByHalfAStep() {
    Model original = GraphText.parse(NET);
    Model model = GraphText.parse(NET);
    quantize(model, Map.of("lambda", 0, "inputs", "independent", "vectors", false), Samples.none());
    for (String name : List.of("c", "m", "g", "d")) {
      if (model.graph().value(name) != null) continue;
      float[] weights = original.graph().value(name).tensor().floats();
      byte[] levels = bytes(model.graph().value(name + "_levels").tensor());
      float step = model.graph().value(name + "_step").tensor().floats()[0];
      for (int i = 0; i < weights.length; i++) assertEquals(weights[i], levels[i] * step, 0.5001 * step);
    }
  }

  private static byte[] bytes(Tensor tensor) {
    double[] numbers = Elements.doubles(tensor);
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) numbers[i];
    return bytes;
  }

  /** The factors give the moments back, and each variance is what the inputs before leave: checked on a matrix that is no multiple of anything. */
  @Test
  void predictionFactorsTheMoments() {
    int n = 37;
    float[] rows = numbers(3, 50 * n);
    float[] moments = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) for (int r = 0; r < 50; r++) moments[i * n + j] += rows[r * n + i] * rows[r * n + j];
    }
    Prediction prediction = Prediction.of(moments, n);
    double mean = 0;
    for (int i = 0; i < n; i++) mean += moments[i * n + i] / (double) n;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = Math.max(i, j); k < n; k++) {
          double a = i == k ? 1 : prediction.rows()[k][i];
          double b = j == k ? 1 : prediction.rows()[k][j];
          sum += a * b * prediction.variances()[k];
        }
        assertEquals(moments[i * n + j] + (i == j ? 0.5 * mean : 0), sum, 1e-3 * mean);
      }
    }
  }

  /** What is assumed of pictures is factored channel by channel, and gives the moments of all inputs back: 0.3 everywhere, and 0.7 by the distance of places within a channel. */
  @Test
  void predictionFactorsWhatIsAssumed() {
    int n = 5 * 6;
    Prediction prediction = Prediction.assumed(n, Shape.of(2, 3));
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = Math.max(i, j); k < n; k++)
          sum += factor(prediction, i, k) * factor(prediction, j, k) * prediction.variances()[k];
        int steps = Math.abs(i % 3 - j % 3) + Math.abs(i % 6 / 3 - j % 6 / 3);
        double alike = 0.3 + (i / 6 == j / 6 ? Math.pow(0.7, steps) : 0);
        assertEquals(i == j ? 1.01 * alike : alike, sum, 1e-5, i + ", " + j);
      }
    }
  }

  private static double factor(Prediction prediction, int j, int k) {
    if (j == k) return 1;
    int start = k / prediction.block() * prediction.block();
    return j < start ? prediction.shared()[k] : prediction.rows()[k][j - start];
  }

  /** What samples show, and what pictures are assumed to be like, makes outputs err less than rounding each weight by itself does. */
  @Test
  void weightsMakeUpForEachOther() {
    double independent = error(Map.of("inputs", "independent"), Samples.none());
    double assumed = error(Map.of("inputs", "assumed"), Samples.none());
    double seen = error(Map.of(), images(200, 1));
    assertTrue(assumed < 0.8 * independent, () -> "assumed " + assumed + ", independent " + independent);
    assertTrue(seen < 0.8 * assumed, () -> "seen " + seen + ", assumed " + assumed);
  }

  /** Steps that outputs choose take no more bits than those that sizes give, and move the outputs less. */
  @Test
  void stepsFollowWhatOutputsFeel() {
    Map<String, Object> size = Map.of("step", 0.3, "steps", "size");
    Map<String, Object> outputs = Map.of("step", 0.3, "steps", "outputs");
    assertTrue(error(outputs, images(100, 1)) < 0.9 * error(size, images(100, 1)));
    double few = bits(size);
    double more = bits(outputs);
    assertEquals(few, more, 0.03 * few);
  }

  private static double bits(Map<String, Object> settings) {
    Model model = GraphText.parse(NET);
    quantize(model, settings, images(100, 1));
    return model.graph().constants().stream().filter(c -> c.tensor().dtype() == DType.INT8)
        .mapToDouble(c -> Rate.bits(bytes(c.tensor()))).sum();
  }

  private static double error(Map<String, Object> settings, Samples samples) {
    Model original = GraphText.parse(NET);
    Model model = GraphText.parse(NET);
    quantize(model, settings, samples);
    double sum = 0;
    for (Sample sample : images(50, 2).stream().toList()) {
      double[] a = Elements.doubles(Interpreter.run(original.graph(), sample.inputs()).getFirst());
      double[] b = Elements.doubles(Interpreter.run(model.graph(), sample.inputs()).getFirst());
      for (int i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  /** The file means in ONNX Runtime what the plain meaning says. */
  @Test
  void otherRuntimesReadTheFile(@TempDir Path folder) throws Exception {
    Model model = GraphText.parse(NET);
    PassResult result = quantize(model, Map.of(), images(20, 1));
    assertTrue(result.changed().containsKey("MatMul 'product'"), result.toString());
    Map<String, Tensor> input = images(1, 3).stream().findFirst().orElseThrow().inputs();
    Distance.assertClose("in ONNX Runtime", 1e-5, Map.of("y", Interpreter.run(model.graph(), input).getFirst()),
        Distance.outputs(model, folder.resolve("levels.onnx"), input));
  }

  /** A table's rows are multiplied behind the look-up; a layer that reads it, too, has its own numbers of the same levels. */
  @Test
  void tablesAreLookedUpAsLevels() {
    String text = """
        <ir_version: 8, opset_import: ["": 13]>
        net (int64[3] x, float[1,16] z) => (y, w) <float[50,16] t = random(1)>
        { [rows] r = Gather(t, x)  y = Relu(r)  [tied] w = Gemm<transB = 1>(z, t) }
        """;
    Model original = GraphText.parse(text);
    Model model = GraphText.parse(text);
    quantize(model, Map.of("step", 0.05), Samples.none());
    List<Node> nodes = model.graph().nodes();
    assertEquals(2, nodes.stream().filter(node -> node.is("DequantizeLinear")).count());
    Node gather = nodes.stream().filter(node -> node.is("Gather")).findFirst().orElseThrow();
    assertEquals(DType.INT8, gather.input(0).tensor().dtype());
    assertEquals(1, model.graph().constants().stream().filter(c -> c.tensor().dtype() == DType.INT8).count());
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(3), 4L, 0L, 49L), "z",
        Tensor.of(Shape.of(1, 16), numbers(4, 16)));
    double[] expected = Elements.doubles(Interpreter.run(original.graph(), inputs).getFirst());
    assertArrayEquals(expected, Elements.doubles(Interpreter.run(model.graph(), inputs).getFirst()), 0.1);
  }

  /** Vectors become multiples of a power of two near a sixteenth of the step; what is no bias or factor stays. */
  @Test
  void vectorsAreRoundedToPowersOfTwo() {
    Model model = GraphText.parse(NET);
    float[] before = model.graph().value("b").tensor().floats();
    quantize(model, Map.of("step", 0.5), Samples.none());
    float[] after = model.graph().value("b").tensor().floats();
    double squares = 0;
    for (float number : before) squares += number * number;
    double step = Math.scalb(1.0, Math.getExponent(0.5 / 16 * Math.sqrt(squares / before.length)));
    for (int i = 0; i < after.length; i++) {
      assertEquals(Math.rint(after[i] / step), after[i] / step);
      assertEquals(before[i], after[i], step / 2);
    }
    assertArrayEquals(GraphText.parse(NET).graph().value("s").tensor().floats(),
        model.graph().value("s").tensor().floats(), "fewer than 16 stay as they are");
  }

  @ParameterizedTest
  @CsvSource({"1", "5"})
  void doesNotDependOnThreads(int threads) {
    Model a = GraphText.parse(NET);
    Model b = GraphText.parse(NET);
    quantize(a, Map.of(), Samples.none());
    PASS.apply(b.graph(), new PassContext(PASS.settings().check("test", Map.of()), TargetProfile.of("cpu"), null,
        Samples.none(), threads, 0, Progress.SILENT));
    for (String name : List.of("c_levels", "m_levels")) {
      assertArrayEquals(bytes(a.graph().value(name).tensor()), bytes(b.graph().value(name).tensor()));
    }
  }

  @Test
  void layersCanBeLeftAlone() {
    Model model = GraphText.parse(NET);
    PassResult result = quantize(model, Map.of("exclude", List.of("product", "nothing")), Samples.none());
    assertNotNull(model.graph().value("m"));
    assertEquals("left alone by the recipe", result.skipped().get("MatMul 'product'"));
    assertEquals("exclude: [nothing] match no node", result.figures().get("warning"));
  }

  @Test
  void zerosAndOutliersAreReached() {
    Model model = GraphText.parse(NET);
    float[] outlier = numbers(5, 288 * 24);
    outlier[7] = 1000;
    Value m = model.graph().value("m");
    model.graph().setConstant(m, Constant.of(Tensor.of(Shape.of(288, 24), outlier)));
    Value c = model.graph().value("c");
    model.graph().setConstant(c, Constant.of(Tensor.of(Shape.of(8, 4, 3, 3), new float[288])));
    quantize(model, Map.of(), Samples.none());
    assertEquals(127, bytes(model.graph().value("m_levels").tensor())[7]);
    assertTrue(Arrays.equals(new byte[288], bytes(model.graph().value("c_levels").tensor())));
  }

  @Test
  void weightsThatAreNotFiniteAreRefused() {
    Model model = GraphText.parse(NET);
    float[] numbers = numbers(5, 288 * 24);
    numbers[3] = Float.NaN;
    model.graph().setConstant(model.graph().value("m"), Constant.of(Tensor.of(Shape.of(288, 24), numbers)));
    assertThrows(InvalidInputException.class, () -> quantize(model, Map.of(), Samples.none()));
  }

  /** Where outputs cannot be compared, sizes give the steps. */
  @Test
  void integerOutputsLeaveStepsToSizes() {
    String text = NET.replace("=> (y)", "=> (z)").replace("(q, g)", "(q, g)  z = ArgMax(y)");
    Model a = GraphText.parse(text);
    Model b = GraphText.parse(text);
    quantize(a, Map.of("steps", "size"), images(20, 1));
    quantize(b, Map.of("steps", "outputs"), images(20, 1));
    for (String name : List.of("c_levels", "m_levels", "g_levels")) {
      assertArrayEquals(bytes(a.graph().value(name).tensor()), bytes(b.graph().value(name).tensor()), name);
    }
  }

  /** What pruning left is not undone by making up for errors. */
  @Test
  void zerosStay() {
    Model model = GraphText.parse(NET);
    float[] sparse = numbers(6, 288 * 24);
    for (int i = 0; i < sparse.length; i++) if (i % 3 != 0) sparse[i] = 0;
    model.graph().setConstant(model.graph().value("m"), Constant.of(Tensor.of(Shape.of(288, 24), sparse)));
    quantize(model, Map.of(), images(100, 1));
    byte[] levels = bytes(model.graph().value("m_levels").tensor());
    for (int i = 0; i < sparse.length; i++) if (sparse[i] == 0) assertEquals(0, levels[i], "weight " + i);
  }
}
