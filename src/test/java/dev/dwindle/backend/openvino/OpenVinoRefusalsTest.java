package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
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
}
