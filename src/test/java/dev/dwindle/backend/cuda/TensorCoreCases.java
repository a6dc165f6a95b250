package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Products for tensor cores, emulated or real. */
final class TensorCoreCases {
  static final List<Precision> NARROW = List.of(Precision.TF32, Precision.BF16, Precision.F16);

  static final List<String> GRAPHS = List.of(
      "(float[1,1] x, float[1,1] w) => (y) { y = MatMul(x, w) }",
      "(float[17,33] x, float[33,9] w) => (y) { y = MatMul(x, w) }",
      "(float[65,31] x, float[31,130] w) => (y) { y = MatMul(x, w) }",
      "(float[2,3,20,40] x, float[3,40,70] w) => (y) { y = MatMul(x, w) }",
      "(float[12,40] x, float[9,40] w, float[9] b) => (y) { y = Gemm<transB = 1, alpha = 0.5, beta = 2.0>(x, w, b) }",
      "(float[40,12] x, float[40,9] w, float[12,1] b) => (y) { y = Gemm<transA = 1>(x, w, b) }",
      "(float[2,3,9,8] x, float[5,3,3,3] w, float[5] b) => (y) { y = Conv<pads = [1,1,1,1]>(x, w, b) }",
      "(float[1,8,11,7] x, float[70,4,3,2] w) => (y) { y = Conv<group = 2, strides = [2,1], dilations = [1,2]>(x, w) }",
      "(float[2,3,70] x, float[5,3,3] w) => (y) { y = Conv(x, w) }",
      "(float[20,1000] x, float[1000,9] w) => (y) { y = MatMul(x, w) }",
      "(float[2,520,20] x, float[9,520,1] w, float[9] b) => (y) { h = Conv(x, w, b) y = Neg(h) }");

  /** So many matrices that blocks make tiles of 128 x 128. */
  static final String MANY_MATRICES = "(float[130,20,40] x, float[130,40,30] w) => (y) { y = MatMul(x, w) }";
  static final String MANY_IMAGES = "(float[128,2,12,11] x, float[20,2,3,3] w, float[20] b) => (y) { y = Conv<pads = [1,1,1,1]>(x, w, b) }";

  private TensorCoreCases() {}

  /** Holds a graph on a device to what FP32 gives of numbers that were rounded before, rounded where tensors are. */
  static void hold(String text, Precision precision, Device device) {
    Map<String, Tensor> inputs = inputs(text);
    Map<String, Tensor> rounded = new HashMap<>();
    // In TF32 products alone are narrow, and what is added to them is not; what is of 16 bits is so in memory, results included.
    boolean products = precision == Precision.TF32;
    inputs.forEach(
        (name, tensor) -> rounded.put(name, products && name.equals("b") ? tensor : rounded(tensor, precision)));
    Tensor sums = Interpreter.run(graph(text), rounded).getFirst();
    Tensor expected = products ? sums : rounded(sums, precision);
    // A sum that is all but halfway between two numbers may become the other one.
    double unit = products ? 1e-5 : precision == Precision.F16 ? 1.0 / (1 << 10) : 1.0 / (1 << 7);
    Tensor actual = run(graph(text), inputs, precision, device);
    assertEquals(expected.shape(), actual.shape());
    float[] a = expected.floats();
    float[] b = actual.floats();
    for (int i = 0; i < a.length; i++) assertEquals(a[i], b[i], 1e-5 + unit * Math.abs(a[i]), "number " + i);
  }

  static Graph graph(String text) {
    return GraphText.parse("g " + text).graph();
  }

  static Tensor run(Graph graph, Map<String, Tensor> inputs, Precision precision, Device device) {
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph,
        CompileOptions.DEFAULT.withPrecision(precision)); Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      Tensor output = bound.outputs().values().iterator().next();
      return Tensor.of(output.dtype(), output.shape(), output.bytes());
    }
  }

  static Map<String, Tensor> inputs(String text) {
    Random random = new Random(3);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : new ArrayList<>(graph(text).requiredInputs())) {
      Shape shape = input.tensorType().shape();
      float[] values = new float[shape.intSize()];
      // Some are subnormal in FP16.
      for (int i = 0; i < values.length; i++)
        values[i] = i % 5 == 0 ? 0 : (float) random.nextGaussian() * (i % 7 == 0 ? 1e-5f : 1);
      inputs.put(input.name(), Tensor.of(shape, values));
    }
    return inputs;
  }

  private static Tensor rounded(Tensor tensor, Precision precision) {
    float[] values = tensor.floats().clone();
    for (int i = 0; i < values.length; i++) values[i] = rounded(values[i], precision);
    return Tensor.of(tensor.shape(), values);
  }

  private static float rounded(float x, Precision precision) {
    return switch (precision) {
      case F32 -> x;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(x));
      case BF16 -> kept(x, 16, true);
      case TF32 -> kept(x, 13, false);
    };
  }

  /** Without so many bits of the mantissa; what is halfway goes to the even number, or away from zero. */
  private static float kept(float x, int bits, boolean even) {
    int raw = Float.floatToRawIntBits(x);
    int half = 1 << bits - 1;
    int up = even ? half - 1 + (raw >> bits & 1) : half;
    return Float.intBitsToFloat(raw + up >> bits << bits);
  }
}
