package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors of FLOAT16 and BFLOAT16, which stay of 16 bits in the GPU's memory. */
@Tag("compiler")
class NarrowMemoryTest {
  private static final String CONSTANTS = " <real[] two = {2}, real[] low = {-0.5}, real[] high = {0.75}, real[5] row = random(1), real[3,1,1] channels = random(2),"
      + " real[4,3,3,3] w = random(4), real[3,1,3,3] d = random(5), real[6,5] b = random(6), real[3] s = random(7), real[3] t = random(8), real[3] v = {0.5, 1, 2},"
      + " float[4] sizes = {1, 1, 2, 2}, int64[1] last = {-1}> ";
  private static final String IMAGE = "(real[2,3,9,8] x) => (y)";
  private static final String MATRIX = "(real[4,6] x) => (y)";

  private static final List<String> CASES = List.of(
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
      IMAGE + "{ h = Conv<pads = [1,1,1,1]>(x, w) y = Relu(h) }",
      IMAGE + "{ h = Conv<pads = [1,1,1,1], group = 3>(x, d) y = Add(h, x) }",
      IMAGE + "{ y = MaxPool<kernel_shape = [2,2], strides = [2,2]>(x) }",
      IMAGE + "{ y = AveragePool<kernel_shape = [3,3], pads = [1,1,1,1]>(x) }",
      IMAGE + "{ y = GlobalAveragePool(x) }",
      IMAGE + "{ y = BatchNormalization(x, s, t, t, v) }",
      IMAGE + "{ y = InstanceNormalization(x, s, t) }",
      IMAGE + "{ y = Resize<mode = \"linear\">(x, \"\", sizes) }",
      "(real[4,3] x) => (y) { y = LayerNormalization(x, s, t) }");

  static Stream<Arguments> cases() {
    return CASES.stream().flatMap(text -> Stream.of(DType.FLOAT16, DType.BFLOAT16).map(d -> Arguments.of(text, d)));
  }

  private static Graph graph(String text, DType dtype) {
    String whole = text.replaceFirst("\\{", CONSTANTS + "{").replace("real[", dtype.text() + "[");
    return GraphText.parse("g " + whole).graph();
  }

  /** Random numbers of the types that a graph reads. */
  static Map<String, Tensor> inputs(Graph graph) {
    Random random = new Random(5);
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : graph.requiredInputs()) {
      double[] values = new double[input.tensorType().shape().intSize()];
      for (int i = 0; i < values.length; i++) values[i] = random.nextGaussian();
      inputs.put(input.name(), Elements.ofDoubles(input.tensorType().dtype(), input.tensorType().shape(), values));
    }
    return inputs;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyGiveWhatTheyMean(String text, DType dtype) {
    Graph graph = graph(text, dtype);
    for (Node node : graph.nodes()) assertTrue(CudaKernels.find(node) != null, node.label());
    Map<String, Tensor> inputs = inputs(graph);
    Tensor expected = Interpreter.run(graph(text, dtype), inputs).getFirst();
    // Functions in one launch are rounded once, where the plain meaning rounds each.
    double unit = dtype == DType.FLOAT16 ? 1.0 / (1 << 10) : 1.0 / (1 << 7);
    for (boolean reversed : new boolean[] {false, true}) {
      Tensor actual = run(graph, inputs, EmulatedDevice.of(reversed));
      assertEquals(expected.dtype(), actual.dtype());
      assertEquals(expected.shape(), actual.shape());
      double[] a = Elements.doubles(expected);
      double[] b = Elements.doubles(actual);
      for (int i = 0; i < a.length; i++) assertEquals(a[i], b[i], unit * (1 + Math.abs(a[i])));
    }
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

  private static List<String> launches(String text, DType dtype, Precision... known) {
    RecordingDevice device = new RecordingDevice(1 << 22);
    Graph graph = graph(text, dtype);
    try (Executable executable = new CudaExecutable("cuda:0", device, List.of(known), graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs(graph).forEach(bound::set);
      bound.run();
      bound.outputs().values().forEach(Tensor::bytes);
    }
    return device.asked.stream().filter(words -> !words.matches("(in|out) .*|await")).toList();
  }

  @Test
  void productsAreTakenToTensorCoresThatTheGpuHas() {
    String product = MATRIX + "{ y = MatMul(x, b) }";
    assertEquals(List.of("product_tensor_64_f16"), launches(product, DType.FLOAT16, Precision.F32, Precision.F16));
    assertEquals(List.of("product_tensor_64_bf16"), launches(product, DType.BFLOAT16, Precision.F32, Precision.BF16));
    // Turing has none for BF16.
    assertEquals(List.of("product_bf16"), launches(product, DType.BFLOAT16, Precision.F32, Precision.F16));
  }

  /** Tiles at the edges, panels that are not full, a stack, one right matrix for all, and what follows. */
  static Stream<Arguments> wholeRuns() {
    return Stream.of(
        "(real[200,72] x, real[72,136] c) => (y) { h = MatMul(x, c) y = Relu(h) }",
        "(real[64,8] x, real[8,64] c) => (y) { y = MatMul(x, c) }",
        "(real[2,65,40] x, real[2,40,64] c) => (y) { y = MatMul(x, c) }",
        "(real[2,65,40] x, real[40,64] c) => (y) { y = MatMul(x, c) }",
        "(real[3,16,8,9] x, real[70,16,1,1] c, real[70] e) => (y) { h = Conv(x, c, e) y = Relu(h) }",
        "(real[1,16,64] x, real[64,16,1] c) => (y) { y = Conv(x, c) }",
        "(real[130,200] x, real[200,128] c, real[128] e) => (y) { y = Gemm<alpha = 0.5, beta = 2.0>(x, c, e) }")
        .flatMap(text -> Stream.of(DType.FLOAT16, DType.BFLOAT16).map(d -> Arguments.of(text, d)));
  }

  @ParameterizedTest
  @MethodSource("wholeRuns")
  void productsOfWholeRunsGoPastTheRegisters(String text, DType dtype) {
    String suffix = dtype == DType.FLOAT16 ? "_f16" : "_bf16";
    assertEquals(List.of("gemm" + suffix), launches(text, dtype, Precision.F32, Precision.F16, Precision.BF16));
    theyGiveWhatTheyMean(text, dtype);
  }

  /** What a FLOAT graph launches in FP16. */
  private static List<String> launchesInHalf(String text) {
    RecordingDevice device = new RecordingDevice(1 << 20);
    Graph graph = GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17, \"dev.dwindle\" : 1]>\ng " + text).graph();
    try (
        Executable executable = new CudaBackend("cuda:0", device).compile(graph,
            CompileOptions.DEFAULT.withPrecision(Precision.F16));
        Bound bound = executable.bind()) {
      inputs(graph).forEach(bound::set);
      bound.run();
      assertEquals(List.of("y"), List.copyOf(bound.outputs().keySet()));
      bound.outputs().values().forEach(Tensor::bytes);
    }
    return device.asked.stream().filter(words -> !words.matches("(in|out) .*|await")).toList();
  }

  @Test
  void aPrecisionOfSixteenBitsMakesTensorsBetweenLaunchesNarrow() {
    assertEquals(
        List.of("cast_float_float16", "conv_tensor_64_f16", "pool_max_f16", "reduce_mean_f16", "product_tensor_64_f16",
            "softmax_f16", "cast_float16_float"),
        launchesInHalf("(float[1,3,8,8] x) => (y) <float[4,3,3,3] w = random(1), float[4,5] v = random(2)> "
            + "{ c = Conv(x, w) r = Relu(c) m = MaxPool<kernel_shape = [2,2]>(r) g = GlobalAveragePool(m) f = Flatten(g) p = MatMul(f, v) y = Softmax(p) }"));
  }

  @Test
  void whatOtherKernelsReadIsWide() {
    assertEquals(
        List.of("cast_float_float16", "unary_tan_f16", "cast_float16_float", "quantize_uint8", "dequantize_uint8",
            "cast_float_float16", "unary_sin_f16", "cast_float16_float"),
        launchesInHalf("(float[9] x) => (y) <float[] s = {0.1}, uint8[] z = {128}> "
            + "{ t = Tan(x) q = QuantizeLinear(t, s, z) d = DequantizeLinear(q, s, z) y = Sin(d) }"));
  }

  @Test
  void trainingStaysWide() {
    assertEquals(List.of("unary_tan", "pool_max_gradient"),
        launchesInHalf("(float[1,1,4,4] x, float[1,1,2,2] s) => (y) "
            + "{ t = Tan(x) y = dev.dwindle.MaxPoolGradient<kernel_shape = [2,2], strides = [2,2]>(t, s) }"));
  }

  @Test
  void theyTakeHalfTheMemory() {
    RecordingDevice device = new RecordingDevice(1 << 20);
    Graph graph = graph("(real[1000] x) => (y) { y = Tan(x) }", DType.FLOAT16);
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      inputs(graph).forEach(bound::set);
      bound.run();
      long taken = new ArrayList<>(device.allocated.values()).stream().mapToLong(Long::longValue).sum();
      assertTrue(taken < 5000, "takes " + taken + " bytes");
    }
  }
}
