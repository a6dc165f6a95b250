package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecompositionTest {
  @Test
  void chosenCompositesGiveWayAlsoInBranches() {
    Model model = GraphText.parse("""
        <ir_version: 10, opset_import: ["": 21]>
        g (bool[] c, float[N,4] x) => (y) < float[4] s = {2} >
        {
          h = LayerNormalization(x, s)
          g = Gelu(h)
          y = If <then_branch = t () => (a) { a = HardSwish(g) }, else_branch = e () => (b) { b = Neg(g) }> (c)
        }""");
    Graph original = model.copy().graph();
    ShapeInference.of(model.graph()).store();
    int replaced = Decomposition.decompose(model.graph(), n -> !n.is("Gelu"));
    GraphVerifier.verify(model.graph());
    assertTrue(replaced >= 2);
    String text = GraphText.print(model.graph());
    assertTrue(text.contains("= Gelu(") && !text.contains("= LayerNormalization(") && !text.contains("= HardSwish("),
        text);
    assertEquals("y", model.graph().outputs().getFirst().name());
    Map<String, Tensor> samples = Samples.of(original, 3);
    assertArrayEquals(Interpreter.run(original, samples).getFirst().floats(),
        Interpreter.run(model.graph(), samples).getFirst().floats(), 1e-5f);
  }
}
