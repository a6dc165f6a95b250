package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Graphs of numbers of 16 bits, {@code real} in their texts, for an emulated GPU or a real one. */
final class NarrowCases {
  private static final String CONSTANTS = " <real[] two = {2}, real[] low = {-0.5}, real[] high = {0.75}, real[5] row = random(1), real[3,1,1] channels = random(2),"
      + " real[4,3,3,3] w = random(4), real[3,1,3,3] d = random(5), real[6,5] b = random(6), real[3] s = random(7), real[3] t = random(8), real[3] v = {0.5, 1, 2},"
      + " float[4] sizes = {1, 1, 2, 2}, int64[1] last = {-1}> ";
  private static final String IMAGE = "(real[2,3,9,8] x) => (y)";
  static final String MATRIX = "(real[4,6] x) => (y)";

  static final List<String> ALL = List.of(
      MATRIX + "{ y = Relu(x) }",
      MATRIX + "{ y = Tan(x) }",
      MATRIX + "{ a = Sigmoid(x) y = Mul(a, x) }",
      MATRIX + "{ y = Clip(x, low, high) }",
      MATRIX + "{ y = Pow(x, two) }",
      MATRIX + "{ h = MatMul(x, b) a = Add(h, row) y = Relu(a) }",
      MATRIX + "{ y = Gemm<alpha = 0.5>(x, b, row) }",
      MATRIX + "{ y = Softmax(x) }",
      MATRIX + "{ y = ReduceSum<keepdims = 0>(x, last) }",
      MATRIX + "{ y = ReduceMax(x) }",
      MATRIX + "{ t1 = Transpose(x) y = Concat<axis = 0>(t1, t1) }",
      MATRIX + "{ l = Less(x, low) y = Where(l, low, x) }",
      MATRIX + "{ l = Greater(x, low) y = Cast<to = 1>(l) }",
      MATRIX + "{ f = Cast<to = 1>(x) y = Sin(f) }",
      MATRIX + "{ f = Cast<to = 10>(x) y = Cast<to = 16>(f) }",
      MATRIX + "{ f = Cast<to = 16>(x) y = Cast<to = 10>(f) }",
      MATRIX + "{ l = Greater(x, low) y = Cast<to = 10>(l) }",
      "(int64[5] x) => (y) { y = Cast<to = 10>(x) }",
      "(int32[5] x) => (y) { y = Cast<to = 10>(x) }",
      IMAGE + "{ h = Conv<pads = [1,1,1,1]>(x, w) y = Relu(h) }",
      IMAGE + "{ h = Conv<pads = [1,1,1,1], group = 3>(x, d) y = Add(h, x) }",
      IMAGE + "{ y = MaxPool<kernel_shape = [2,2], strides = [2,2]>(x) }",
      IMAGE + "{ y = AveragePool<kernel_shape = [3,3], pads = [1,1,1,1]>(x) }",
      IMAGE + "{ y = GlobalAveragePool(x) }",
      IMAGE + "{ y = BatchNormalization(x, s, t, t, v) }",
      IMAGE + "{ y = InstanceNormalization(x, s, t) }",
      IMAGE + "{ y = Resize<mode = \"linear\">(x, \"\", sizes) }",
      "(real[4,3] x) => (y) { y = LayerNormalization(x, s, t) }");

  /** Tiles at the edges, panels that are not full, a stack, one right matrix for all, images, and what follows. */
  static final List<String> WHOLE_RUNS = List.of(
      "(real[200,72] x, real[72,136] c) => (y) { h = MatMul(x, c) y = Relu(h) }",
      "(real[64,8] x, real[8,64] c) => (y) { y = MatMul(x, c) }",
      "(real[2,65,40] x, real[2,40,64] c) => (y) { y = MatMul(x, c) }",
      "(real[2,65,40] x, real[40,64] c) => (y) { y = MatMul(x, c) }",
      "(real[3,16,8,9] x, real[70,16,1,1] c, real[70] e) => (y) { h = Conv(x, c, e) y = Relu(h) }",
      "(real[1,16,64] x, real[64,16,1] c) => (y) { y = Conv(x, c) }",
      "(real[130,200] x, real[200,128] c, real[128] e) => (y) { y = Gemm<alpha = 0.5, beta = 2.0>(x, c, e) }");

  /** One with few tiles of a long inner dimension. */
  static final String LONG_RUNS = "(real[2,70,784] x, real[784,72] c, real[72] e) => (y) { h = MatMul(x, c) a = Add(h, e) y = Relu(a) }";

  /** Products that are large enough for cuBLASLt, where it is there; FLOAT ones, too. */
  static final List<String> PRODUCTS = List.of(
      "(real[64,80] x, real[80,96] c) => (y) { y = MatMul(x, c) }",
      "(real[64,80] x, real[80,96] c) => (y) { h = MatMul(x, c) r = Relu(h) y = Neg(r) }",
      "(real[3,64,80] x, real[3,80,96] c) => (y) { y = MatMul(x, c) }",
      "(real[3,64,80] x, real[80,96] c) => (y) { y = MatMul(x, c) }",
      "(real[64,80] x, real[3,80,96] c) => (y) { y = MatMul(x, c) }",
      "(real[80,64] x, real[96,80] c) => (y) { y = Gemm<transA = 1, transB = 1, alpha = 0.5>(x, c) }",
      "(real[64,80] x, real[96,80] c) => (y) { y = Gemm<transB = 1>(x, c) }",
      "(real[80,64] x, real[80,96] c) => (y) { y = Gemm<transA = 1>(x, c) }");

  private NarrowCases() {}

  static Graph graph(String text, DType dtype) {
    String whole = text.replaceFirst("\\{", CONSTANTS + "{").replace("real[", dtype.text() + "[");
    return GraphText.parse("g " + whole).graph();
  }

  /** Random numbers of the types that a graph reads. */
  static Map<String, Tensor> inputs(Graph graph) {
    Random random = new Random(5);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      DType dtype = input.tensorType().dtype();
      if (dtype.isInteger()) {
        long[] integers = random.longs(input.tensorType().shape().intSize(), -3000, 3000).toArray();
        inputs.put(input.name(), Elements.ofLongs(dtype, input.tensorType().shape(), integers));
        continue;
      }
      double[] values = new double[input.tensorType().shape().intSize()];
      for (int i = 0; i < values.length; i++) values[i] = random.nextGaussian();
      inputs.put(input.name(), Elements.ofDoubles(input.tensorType().dtype(), input.tensorType().shape(), values));
    }
    return inputs;
  }

  /** Holds a graph over numbers of a type on a device to what it means. */
  static void hold(String text, DType dtype, Device device) {
    Graph graph = graph(text, dtype);
    for (Node node : graph.nodes()) assertNotNull(CudaKernels.find(node), node.label());
    Map<String, Tensor> inputs = inputs(graph);
    Tensor expected = Interpreter.run(graph(text, dtype), inputs).getFirst();
    Tensor actual = run(graph, inputs, device);
    assertEquals(expected.dtype(), actual.dtype());
    assertEquals(expected.shape(), actual.shape());
    // Functions in one launch are rounded once, where the plain meaning rounds each.
    double unit = dtype == DType.FLOAT ? 1e-5 : dtype == DType.FLOAT16 ? 1.0 / (1 << 10) : 1.0 / (1 << 7);
    double[] a = Elements.doubles(expected);
    double[] b = Elements.doubles(actual);
    for (int i = 0; i < a.length; i++) assertEquals(a[i], b[i], unit * (1 + Math.abs(a[i])), "number " + i);
  }

  private static Tensor run(Graph graph, Map<String, Tensor> inputs, Device device) {
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs.forEach(bound::set);
      bound.run();
      Tensor output = bound.outputs().values().iterator().next();
      return Tensor.of(output.dtype(), output.shape(), output.bytes());
    }
  }
}
