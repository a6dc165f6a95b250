package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions that follow a product, a convolution or each other: which are done in one launch, and that they give what they mean. */
@Tag("compiler")
class ChainTest {
  private record Case(String text, List<String> launches) {
    @Override
    public String toString() {
      return text;
    }

    Graph graph() {
      return GraphText.parse("g " + text).graph();
    }
  }

  private static Case of(String signature, String nodes, String... launches) {
    String constants = " <float[] two = {2}, float[] low = {-0.5}, float[] high = {0.75}, float[5] row = random(1), float[3,1,1] channels = random(2), float[1,3,1,1] four = random(3),"
        + " float[3,3,3,3] w = random(4), float[3,1,3,3] d = random(5), float[6,5] b = random(6), float[4,1] column = random(7)> ";
    return new Case(signature + constants + "{ " + nodes + " }", List.of(launches));
  }

  static Stream<Case> cases() {
    String image = "(float[2,3,9,8] x) => (y)";
    return Stream.of(
        of(image, "h = Conv<pads = [1,1,1,1]>(x, w) y = Relu(h)", "conv"),
        of(image, "h = Conv<pads = [1,1,1,1]>(x, w) s = Add(h, x) y = Relu(s)", "conv"),
        of(image, "h = Conv<pads = [1,1,1,1]>(x, w) m = Mul(h, channels) a = Add(four, m) y = Clip(a, low, high)",
            "conv"),
        of(image, "h = Conv<pads = [1,1,1,1], group = 3>(x, d) y = HardSwish(h)", "conv_depthwise"),
        // The first convolution's output is there when the second is done.
        of(image,
            "h = Conv<pads = [1,1,1,1]>(x, w) i = Conv<pads = [1,1,1,1], group = 3>(x, d) s = Sub(h, i) y = LeakyRelu<alpha = 0.2>(s)",
            "conv", "conv_depthwise"),
        of("(float[4,6] x) => (y)", "h = MatMul(x, b) a = Add(h, row) e = Erf(a) f = Mul(e, column) y = Div(two, f)",
            "product"),
        of("(float[4,6] x) => (y)", "h = Gemm(x, b, row) y = Tanh(h)", "product"),
        of("(float[4,5] x) => (y)", "a = Sub(two, x) n = Neg(a) s = Sigmoid(n) y = Sub(row, s)", "chain"),
        of("(float[4,5] x) => (y)", "s = Sigmoid(x) y = Mul(x, s)", "chain"),
        of("(float[4,5] x) => (y)",
            "a = Max(x, row) c = Min(a, two) m = Abs(c) e = Sqrt(m) f = HardSigmoid(e) g = Exp(f) y = Relu(g)", "chain",
            "unary_relu"),
        of("(float[4,5] x) => (y)", "a = Add(x, row) b1 = Add(a, row) c = Add(b1, column) m = Add(c, x) y = Neg(m)",
            "chain", "chain"),
        of("(float[4,5] x) => (y, h)", "h = Neg(x) y = Abs(h)", "unary_neg", "unary_abs"),
        of("(float[4,5] x) => (y)", "h = Neg(x) y = Mul(h, h)", "unary_neg", "binary_mul"),
        of("(float[4,5] x) => (y)", "h = Neg(x) i = Abs(x) j = Add(h, i) y = Exp(j)", "unary_neg", "chain"),
        of("(float[5] x) => (y)", "h = Neg(x) y = Add(h, column)", "unary_neg", "binary_add"),
        of("(float[4,5] x) => (y)", "h = Neg(x) y = Pow(h, two)", "unary_neg", "binary_pow"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatFollowsIsDoneInOneLaunch(Case c) {
    RecordingDevice device = new RecordingDevice(1 << 20);
    run(c, device);
    assertEquals(c.launches, device.asked.stream().filter(words -> !words.matches("(in|out) .*|await")).toList());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itGivesWhatItMeans(Case c) {
    List<Tensor> expected = Interpreter.run(c.graph(), inputs(c.graph()));
    for (boolean reversed : new boolean[] {false, true}) {
      List<Tensor> actual = run(c, EmulatedDevice.of(reversed));
      for (int i = 0; i < expected.size(); i++) assertNear(expected.get(i), actual.get(i));
    }
  }

  private static void assertNear(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    float[] a = expected.floats();
    float[] b = actual.floats();
    for (int i = 0; i < a.length; i++) {
      float at = a[i];
      float there = b[i];
      assertTrue(Math.abs(at - there) <= 1e-5 * (1 + Math.abs(at)) || at == there, () -> at + " became " + there);
    }
  }

  private static List<Tensor> run(Case c, Device device) {
    try (Executable executable = new CudaBackend("cuda:0", device).compile(c.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs(c.graph()).forEach(bound::set);
      bound.run();
      List<Tensor> outputs = new ArrayList<>();
      bound.outputs().values().forEach(t -> outputs.add(Tensor.of(t.dtype(), t.shape(), t.bytes())));
      return outputs;
    }
  }

  private static Map<String, Tensor> inputs(Graph graph) {
    Random random = new Random(8);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      float[] values = new float[input.tensorType().shape().intSize()];
      for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian();
      inputs.put(input.name(), Tensor.of(input.tensorType().shape(), values));
    }
    return inputs;
  }
}
