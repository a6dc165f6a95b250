package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products by what stands in for cuBLASLt. */
@Tag("compiler")
class BlasTest {
  private static final int RUNS = 4;

  private final StandIn driver = StandIn.make();
  private final DriverDevice device = driver.openWithBlas();

  @AfterEach
  void nothingIsLeft() {
    device.close();
    assertEquals(0, driver.blasAlive());
  }

  private static Graph graph(String text) {
    return GraphText.parse("g " + text).graph();
  }

  /** Holds a graph to its plain meaning, run again and again as the driver records it from the third run on. */
  private void hold(String text, double relative) {
    Graph graph = graph(text);
    Map<String, Tensor> inputs = NarrowCases.inputs(graph);
    double[] expected = Elements.doubles(Interpreter.run(graph(text), inputs).getFirst());
    try (Executable executable = new CudaBackend("cuda:0", device).compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      for (int run = 0; run < RUNS; run++) {
        inputs.forEach(bound::set);
        bound.run();
        double[] actual = Elements.doubles(bound.outputs().get("y"));
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], actual[i], relative * (8 + Math.abs(expected[i])), "run " + run + ", number " + i);
        }
      }
    }
  }

  private List<String> kernels(String text, Precision precision) {
    Graph graph = graph(text);
    try (
        Executable executable = new CudaBackend("cuda:0", device).compile(graph,
            CompileOptions.DEFAULT.withPrecision(precision).withProfile(true));
        Bound bound = executable.bind()) {
      NarrowCases.inputs(graph).forEach(bound::set);
      bound.run();
      return bound.profile().stream().map(NodeTime::kernel).toList();
    }
  }

  static Stream<String> products() {
    return NarrowCases.PRODUCTS.stream().map(text -> text.replace("real[", "float["));
  }

  @ParameterizedTest
  @MethodSource("products")
  void itGivesWhatProductsMean(String text) {
    assertEquals("cublasLtMatmul", kernels(text, Precision.F32).getFirst());
    // Narrow numbers are not rounded once more.
    assertTrue(kernels(text, Precision.F16).contains("cublasLtMatmul"));
    hold(text, 1e-6);
    hold(text.replace("float[", "float16["), 1.0 / (1 << 10));
    hold(text.replace("float[", "bfloat16["), 1.0 / (1 << 7));
  }

  @Test
  void ownKernelsTakeWhatItDoesNot() {
    // Small ones, those with a sum, those for which the library has nothing, and stacks whose matrices do not lie at one distance.
    assertEquals(List.of("product"),
        kernels("(float[63,80] x, float[80,96] w) => (y) { y = MatMul(x, w) }", Precision.F32));
    assertEquals(List.of("product"),
        kernels("(float[64,80] x, float[80,96] w, float[96] b) => (y) { y = Gemm(x, w, b) }", Precision.F32));
    assertEquals(List.of("product"),
        kernels("(float[64,80] x, float[80,77] w) => (y) { y = MatMul(x, w) }", Precision.F32));
    assertEquals(List.of("product"), kernels(
        "(float[2,1,64,80] x, float[1,2,80,96] w) => (y) { y = MatMul(x, w) }", Precision.F32));
  }

  @Test
  void whatFollowsHasALaunchOfItsOwn() {
    assertEquals(List.of("cublasLtMatmul", "chain"), kernels(
        "(float[64,80] x, float[80,96] w) => (y) { h = MatMul(x, w) r = Relu(h) y = Neg(r) }", Precision.F32));
  }

  @Test
  void aLibraryThatIsNotThereIsNone() {
    assertNull(Blas.open("cuda:0", "libthereisnone.so"));
    assertNull(Blas.open("cuda:0", null));
    assertTrue(Blas.library().contains("cublasLt"), Blas.library());
  }
}
