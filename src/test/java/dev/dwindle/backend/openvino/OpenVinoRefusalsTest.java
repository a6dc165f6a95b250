package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What OpenVINO itself refuses. */
@Tag("openvino")
class OpenVinoRefusalsTest {
  private static final String TEXT = "g (float[N,2,2] x) => (y) { a = Relu(x)  d = Det(a)  y = Neg(d) }";

  @Test
  void whatItLacksIsCutOutAndKnownFromThenOn() {
    Graph graph = GraphText.parse(TEXT).graph();
    try (Backend backend = InstalledOpenVino.cpu();
        PartitionedExecutable executable = (PartitionedExecutable) backend.compile(graph, CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      assertEquals(3, executable.partition().parts().size());
      assertTrue(executable.partition().causes().getFirst().startsWith("Det 'd': "),
          executable.partition().causes()::toString);
      for (int run = 0; run < 3; run++) {
        bound.set("x", Tensor.of(Shape.of(1, 2, 2), 1f, 0f, 0f, 2f + run));
        bound.run();
        assertEquals(-2f - run, bound.outputs().get("y").floats()[0]);
      }
    }
    Graph other = GraphText.parse("g (float[N,2,2] x) => (y) { y = Det(x) }").graph();
    ShapeInference.of(other).store();
    assertFalse(InstalledOpenVino.alone().supports(other.nodes().getFirst()).isYes());
  }

  /** Without AVX-512 it compiles products with weights of 8 bits for all shapes, and runs them for none. */
  @Test
  void whatNoShapeAllowsIsCutOutInTheFirstRun() throws Exception {
    List<String> told = InstalledOpenVino.toldOnAvx2(OpenVinoRefusalsTest.class);
    assertEquals(List.of("told: 1 threads: float[3,20] 12.0", "told: 2 threads: float[3,20] 12.0"), told);
  }

  public static void main(String[] args) {
    Graph graph = GraphText.parse("""
        g (float[N,32] x) => (y)
          <int8[32,20] w = {1}, float[20] s = {0.125}, int8[20] z = {0}, float[20] b = {8}>
        { a = Relu(x)  d = DequantizeLinear<axis = 1>(w, s, z)  y = Gemm(a, d, b) }
        """).graph();
    for (int threads = 1; threads <= 2; threads++) {
      try (Backend backend = InstalledOpenVino.cpu();
          Executable executable = backend.compile(graph, CompileOptions.DEFAULT.withThreads(threads));
          Bound bound = executable.bind()) {
        float[] ones = new float[3 * 32];
        Arrays.fill(ones, 1);
        bound.set("x", Tensor.of(Shape.of(3, 32), ones));
        bound.run();
        Tensor y = bound.outputs().get("y");
        System.out.println("told: " + threads + " threads: " + y + " " + y.floats()[0]);
      }
    }
  }
}
