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
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Products between DequantizeLinear and QuantizeLinear, for a GPU that is emulated or real. */
final class DequantizedCases {
  /** A graph with what is launched for it, in order. */
  record Case(String name, String text, List<String> launches) {
    @Override
    public String toString() {
      return name;
    }

    Graph graph() {
      return GraphText.parse("<ir_version: 10, opset_import: [\"\" : 21]>\n" + text).graph();
    }
  }

  private static final String SIDES = """
      <float[] sx = {0.02}, uint8[] zx = {117}, float[] sw = {0.01}, int8[] zw = {0}, float[] sy = {0.11}, uint8[] zy = {9}, int8[] zs = {-3},
       float[5] s5 = {0.01, 0.02, 0.005, 0.013, 0.03}, int8[5] z5 = {0, 3, -2, 0, 1}, uint8[5] u5 = {128, 120, 130, 7, 128}, float[6] s6 = {0.02, 0.01, 0.03, 0.02, 0.01, 0.04},
       int8[6] z6 = {0, 0, 0, 0, 0, 0}, int8[5,3,3,2] w = random(1), uint8[5,3,3,2] u = random(2), int8[6,1,3,3] d = random(3), int8[5,3,3] one = random(4),
       int8[7,5] b = random(5), int8[5] row = random(9), int8[5,7] t = random(6), float[5] bias = random(7), float[4,5] f = {1}, int32[5] c = {100, -900, 30, 7, 0}, float[] sc = {0.001}>
      """;

  private static Case of(String name, String signature, String nodes, String... launches) {
    return new Case(name, "g " + signature + "\n" + SIDES + "{ " + nodes + " }", List.of(launches));
  }

  /** All of them. */
  static Stream<Case> all() {
    String image = "q = QuantizeLinear(x, sx, zx) p = DequantizeLinear(q, sx, zx) ";
    String weights = "v = DequantizeLinear<axis = 0>(w, s5, z5) ";
    String matrix = "v = DequantizeLinear<axis = 1>(b, s5, z5) ";
    return Stream.of(
        of("conv to bytes behind a Relu", "(float[2,3,9,8] x) => (uint8[2,5,9,9] y)", image + weights
            + "h = Conv<pads = [1,1,1,1]>(p, v, bias) r = Relu(h) y = QuantizeLinear(r, sy, zy)",
            "quantize_integers", "conv_integer"),
        of("conv to signed bytes", "(float[2,3,9,8] x) => (int8[2,5,4,4] y)",
            image + weights + "h = Conv<strides = [2,2]>(p, v) y = QuantizeLinear(h, sy, zs)",
            "quantize_integers", "conv_integer"),
        of("conv to numbers", "(float[1,3,9,8] x) => (float[1,5,7,7] y)", image + weights + "y = Conv(p, v, bias)",
            "quantize_integers", "conv_integer"),
        of("conv of unsigned weights", "(float[1,3,9,8] x) => (uint8[1,5,7,7] y)",
            image + "v = DequantizeLinear<axis = 0>(u, s5, u5) h = Conv(p, v, bias) y = QuantizeLinear(h, sy, zy)",
            "quantize_integers", "conv_integer"),
        of("conv by one scale without zero points", "(float[1,3,9,8] x) => (float[1,5,7,7] y)",
            "q = QuantizeLinear<output_dtype = 3>(x, sx) p = DequantizeLinear(q, sx) v = DequantizeLinear(w, sw) h = Conv(p, v) y = Relu(h)",
            "quantize_integers", "conv_integer"),
        of("depthwise", "(float[2,6,7,8] x) => (uint8[2,6,7,8] y)", image
            + "v = DequantizeLinear<axis = 0>(d, s6, z6) h = Conv<group = 6, pads = [1,1,1,1]>(p, v) r = Relu(h) y = QuantizeLinear(r, sy, zy)",
            "quantize_integers", "depthwise_integer"),
        of("one axis", "(float[2,3,70] x) => (float[2,5,68] y)",
            image + "v = DequantizeLinear<axis = 0>(one, s5, z5) y = Conv(p, v, bias)",
            "quantize_integers", "conv_integer"),
        of("a stack by one matrix", "(float[2,66,7] x) => (uint8[2,66,5] y)",
            image + matrix + "h = MatMul(p, v) y = QuantizeLinear(h, sy, zy)",
            "quantize_integers", "product_integer"),
        of("two stacks", "(float[2,3,6,7] x, float[2,1,7,4] k) => (float[2,3,6,4] y)", image
            + "l = QuantizeLinear(k, sw, zs) m = DequantizeLinear(l, sw, zs) y = MatMul(p, m)",
            "quantize_integers", "quantize_integers", "product_integer"),
        of("Gemm by a transposed matrix", "(float[4,7] x) => (float[4,5] y)", image
            + "v = DequantizeLinear<axis = 0>(t, s5, z5) y = Gemm<transB = 1, alpha = 0.5, beta = 2.0>(p, v, bias)",
            "quantize_integers", "product_integer"),
        of("Gemm of a transposed input", "(float[7,70] x) => (float[70,5] y)", image + matrix
            + "e = DequantizeLinear(c, sc) h = Gemm<transA = 1>(p, v, e) y = Relu(h)", "quantize_integers",
            "product_integer"),
        of("what others read as numbers", "(float[1,3,9,8] x) => (float[1,5,7,7] y, float[1,3,9,8] z)",
            image + weights + "y = Conv(p, v) z = Neg(p)",
            "quantize_integers", "dequantize_integers", "conv_integer", "unary_neg"),
        of("a Relu that is not the only reader", "(float[1,3,9,8] x) => (float[1,5,7,7] y, float[1,5,7,7] z)",
            image + weights + "h = Conv(p, v) y = Relu(h) z = Neg(h)",
            "quantize_integers", "conv_integer", "unary_relu", "unary_neg"),
        of("a scale that is made later", "(float[1,3,9,8] x, float[1] k) => (uint8[1,5,7,7] y)",
            image + weights + "h = Conv(p, v) s = Exp(k) y = QuantizeLinear(h, s, zy)",
            "quantize_integers", "conv_integer", "unary_exp", "quantize_integers"),
        of("a vector by its own scales", "(float[2,5] x) => (float[2] y)",
            image + "v = DequantizeLinear<axis = 0>(row, s5, z5) y = MatMul(p, v)",
            "quantize_integers", "dequantize_integers", "product"),
        of("an output in between", "(float[1,3,9,8] x) => (float[1,5,7,7] h, uint8[1,5,7,7] y)",
            image + weights + "h = Conv(p, v) y = QuantizeLinear(h, sy, zy)",
            "quantize_integers", "conv_integer", "quantize_integers"),
        of("an end by a scale for each channel", "(float[1,3,9,8] x) => (int8[1,5,7,7] y)",
            image + weights + "h = Conv(p, v) y = QuantizeLinear<axis = 1>(h, s5, z5)",
            "quantize_integers", "conv_integer", "quantize_integers"),
        of("scales along the inner axis stay numbers", "(float[4,5] x) => (float[4,7] y)",
            image + "v = DequantizeLinear<axis = 0>(t, s5, z5) y = MatMul(p, v)",
            "quantize_integers", "dequantize_integers", "product"),
        of("a matrix that is added stays numbers", "(float[4,7] x) => (float[4,5] y)",
            image + matrix + "y = Gemm(p, v, f)",
            "quantize_integers", "dequantize_integers", "product"));
  }

  private DequantizedCases() {}

  /** Holds a case on a device to its plain meaning. */
  static void hold(Case c, Device device) {
    List<Tensor> plain = Interpreter.run(c.graph(), inputs(c.graph()));
    Map<String, Tensor> actual = run(c, device);
    for (int i = 0; i < plain.size(); i++) {
      assertNear(plain.get(i), actual.get(c.graph().outputs().get(i).name()));
    }
  }

  /** Numbers but for rounding; of bytes, which may be between two of them, few by one. */
  private static void assertNear(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    assertEquals(expected.dtype(), actual.dtype());
    double[] a = Elements.doubles(expected);
    double[] b = Elements.doubles(actual);
    int others = 0;
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]) / (expected.dtype().isFloating() ? 1 + Math.abs(a[i]) : 1));
      if (a[i] != b[i]) others++;
    }
    if (expected.dtype().isFloating()) assertTrue(most < 1e-5, "off by " + most);
    else
      assertTrue(most <= 1 && others <= a.length / 100, others + " of " + a.length + " differ, by " + most);
  }

  static Map<String, Tensor> run(Case c, Device device) {
    Graph graph = c.graph();
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs(graph).forEach(bound::set);
      bound.run();
      Map<String, Tensor> outputs = new HashMap<>();
      bound.outputs().forEach((name, tensor) -> outputs.put(name,
          Tensor.of(tensor.dtype(), tensor.shape(), tensor.bytes())));
      return outputs;
    }
  }

  private static Map<String, Tensor> inputs(Graph graph) {
    Random random = new Random(8);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      double[] values = random.doubles(input.tensorType().shape().size(), -3, 3).toArray();
      inputs.put(input.name(), Tensor.of(input.tensorType().shape(), floats(values)));
    }
    return inputs;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
    return floats;
  }
}
