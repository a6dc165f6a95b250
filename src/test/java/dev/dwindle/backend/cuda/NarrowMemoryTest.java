package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeRefusedException;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors of FLOAT16 and BFLOAT16, which stay of 16 bits in the GPU's memory. */
@Tag("compiler")
class NarrowMemoryTest {
  static Stream<Arguments> cases() {
    return NarrowCases.ALL.stream()
        .flatMap(text -> Stream.of(DType.FLOAT16, DType.BFLOAT16).map(d -> Arguments.of(text, d)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyGiveWhatTheyMean(String text, DType dtype) {
    for (boolean reversed : new boolean[] {false, true}) NarrowCases.hold(text, dtype, EmulatedDevice.of(reversed));
  }

  private static List<String> launches(String text, DType dtype, Precision... known) {
    RecordingDevice device = new RecordingDevice(1 << 22);
    Graph graph = NarrowCases.graph(text, dtype);
    try (Executable executable = new CudaExecutable("cuda:0", device, List.of(known), graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      NarrowCases.inputs(graph).forEach(bound::set);
      bound.run();
      bound.outputs().values().forEach(Tensor::bytes);
    }
    return device.asked.stream().filter(words -> !words.matches("(in|out) .*|await")).toList();
  }

  @Test
  void productsAreTakenToTensorCoresThatTheGpuHas() {
    String product = NarrowCases.MATRIX + "{ y = MatMul(x, b) }";
    assertEquals(List.of("product_tensor_64_f16"), launches(product, DType.FLOAT16, Precision.F32, Precision.F16));
    assertEquals(List.of("product_tensor_64_bf16"), launches(product, DType.BFLOAT16, Precision.F32, Precision.BF16));
    // Turing has none for BF16.
    assertEquals(List.of("product_bf16"), launches(product, DType.BFLOAT16, Precision.F32, Precision.F16));
  }

  /** Tiles at the edges, panels that are not full, a stack, one right matrix for all, and what follows. */
  static Stream<Arguments> wholeRuns() {
    return NarrowCases.WHOLE_RUNS.stream()
        .flatMap(text -> Stream.of(DType.FLOAT16, DType.BFLOAT16).map(d -> Arguments.of(text, d)));
  }

  @ParameterizedTest
  @MethodSource("wholeRuns")
  void productsOfWholeRunsGoPastTheRegisters(String text, DType dtype) {
    String suffix = dtype == DType.FLOAT16 ? "_f16" : "_bf16";
    assertEquals(List.of("gemm" + suffix), launches(text, dtype, Precision.F32, Precision.F16, Precision.BF16));
    theyGiveWhatTheyMean(text, dtype);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void layersOfTheGridShareALongInnerDimension(DType dtype) {
    String suffix = dtype == DType.FLOAT16 ? "_f16" : "_bf16";
    assertEquals(List.of("gemm" + suffix, "summed" + suffix),
        launches(NarrowCases.LONG_RUNS, dtype, Precision.F32, Precision.F16, Precision.BF16));
    theyGiveWhatTheyMean(NarrowCases.LONG_RUNS, dtype);
  }

  /** What a FLOAT graph launches in FP16. */
  private static List<String> launchesInHalf(String text) {
    RecordingDevice device = new RecordingDevice(1 << 20);
    Graph graph = GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17, \"dev.dwindle\" : 1]>\ng " + text).graph();
    try (
        Executable executable = new CudaBackend("cuda:0", device).compile(graph,
            CompileOptions.DEFAULT.withPrecision(Precision.F16));
        Bound bound = executable.bind()) {
      NarrowCases.inputs(graph).forEach(bound::set);
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
        List.of("cast_float_float16", "reduce_sum_f16", "cast_float16_float", "quantize_integers",
            "dequantize_integers",
            "cast_float_float16", "softmax_f16", "unary_sin_f16", "cast_float16_float"),
        launchesInHalf("(float[9,2] x) => (y) <float[] s = {0.1}, uint8[] z = {128}, int64[1] last = {-1}> "
            + "{ t = ReduceSum<keepdims = 0>(x, last) q = QuantizeLinear(t, s, z) d = DequantizeLinear(q, s, z) m = Softmax(d) y = Sin(m) }"));
  }

  @Test
  void whatOnlyPassesNumbersOnIsNotNarrowByItself() {
    assertEquals(List.of("unary_tan", "move_4"),
        launchesInHalf("(float[9,2] x) => (y) { t = Tan(x) y = Transpose(t) }"));
    assertEquals(List.of("cast_float_float16", "move_2", "softmax_f16", "cast_float16_float"),
        launchesInHalf("(float[9,2] x) => (y) { t = Transpose(x) y = Softmax(t) }"));
  }

  /** Beside what is kept out of the softmax stands a number that FP16 has not, and a smallest divisor. */
  @Test
  void constantsThatWouldBeNoNumbersStayWide() {
    List<String> launches = launchesInHalf("(float[4,6] x, float[4,6] m) => (y) <float[] far = {-1e9}> "
        + "{ k = Mul(m, far) a = Add(x, k) y = Softmax(a) }");
    assertEquals(List.of("binary_mul", "cast_float_float16", "cast_float_float16", "binary_add_f16", "softmax_f16",
        "cast_float16_float"), launches);
    assertFalse(launchesInHalf(
        "(float[4,6] x) => (y) <float[] small = {1e-12}> { r = ReduceL2(x) m = Max(r, small) y = Div(x, m) }")
        .contains("chain_f16"));
  }

  /** The node is asked for by the name of its output, which stays. */
  @Test
  void whatIsRefusedIsToldByTheNameThatItHas() {
    Graph graph = GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17]>\n"
        + "g (float[4,6] x, int64[1] n) => (y) <int64[1] zero = {0}> { s = Softmax(x) y = Slice(s, zero, n) }").graph();
    NodeRefusedException refused = assertThrows(NodeRefusedException.class,
        () -> new CudaBackend("cuda:0", new RecordingDevice(1 << 20)).compile(graph,
            CompileOptions.DEFAULT.withPrecision(Precision.F16)));
    assertTrue(refused.getMessage().contains("'y'"), refused.getMessage());
  }

  @Test
  void trainingStaysWide() {
    assertEquals(List.of("softmax", "pool_max_gradient"),
        launchesInHalf("(float[1,1,4,4] x, float[1,1,2,2] s) => (y) "
            + "{ t = Softmax(x) y = dev.dwindle.MaxPoolGradient<kernel_shape = [2,2], strides = [2,2]>(t, s) }"));
  }

  @Test
  void theyTakeHalfTheMemory() {
    RecordingDevice device = new RecordingDevice(1 << 20);
    Graph graph = NarrowCases.graph("(real[1000] x) => (y) { y = Tan(x) }", DType.FLOAT16);
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      NarrowCases.inputs(graph).forEach(bound::set);
      bound.run();
      long taken = new ArrayList<>(device.allocated.values()).stream().mapToLong(Long::longValue).sum();
      assertTrue(taken < 5000, "takes " + taken + " bytes");
    }
  }
}
