package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InliningTest {
  @Test
  void attributesDefaultsOmittedInputsAndNestedCallsAreResolved() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17, "local": 1]>
        g (float[2] x) => (y) < float[] limit = {2} >
        {
          [first] a = local.Outer <slope = 0.5> (x)
          y = local.Outer(a, limit)
        }
        <domain: "local", opset_import: ["": 17, "local": 1]>
        Outer <slope> (v, limit) => (w)
        {
          h = local.Inner <alpha = @slope> (v)
          w = Clip(h, "", limit)
        }
        <domain: "local", opset_import: ["": 17]>
        Inner <alpha = 0.25> (v) => (w)
        {
          w = LeakyRelu <alpha = @alpha> (v)
        }""");
    assertEquals(4, Inlining.inline(model));
    GraphVerifier.verify(model.graph());
    assertTrue(model.functions().isEmpty());
    assertEquals("[LeakyRelu, Clip, LeakyRelu, Clip]",
        model.graph().nodes().stream().map(n -> n.operator()).toList().toString());
    Tensor y = Interpreter.run(model.graph(), Map.of("x", Tensor.of(Shape.of(2), -4f, 1f))).getFirst();
    assertTrue(y.contentEquals(Tensor.of(Shape.of(2), -4f * 0.5f * 0.25f, 1f)));
  }

  @Test
  void subgraphsInBodiesSeeTheCallersValues() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17, "local": 1]>
        g (bool[] c, float[2] a) => (y)
        {
          y = local.Choose(c, a)
        }
        <domain: "local", opset_import: ["": 17]>
        Choose (c, v) => (w)
        {
          a = Neg(v)
          w = If <then_branch = t () => (b)
            {
              b = Relu(a)
            }, else_branch = e () => (d)
            {
              d = Add(a, v)
            }> (c)
        }""");
    assertEquals(1, Inlining.inline(model));
    GraphVerifier.verify(model.graph());
    Tensor y = Interpreter.run(model.graph(),
        Map.of("c", Tensor.of(Shape.SCALAR, true), "a", Tensor.of(Shape.of(2), -4f, 8f))).getFirst();
    assertTrue(y.contentEquals(Tensor.of(Shape.of(2), 4f, 0f)));
  }

  @Test
  void olderBodiesAreLiftedFirst() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13, "local": 1]>
        g (float[2] x) => (y) { y = local.Column(x) }
        <domain: "local", opset_import: ["": 11]>
        Column (v) => (w) { w = Unsqueeze <axes = [1]> (v) }""");
    Inlining.inline(model);
    assertEquals("float[2,1]", ShapeInference.of(model.graph()).type(model.graph().outputs().getFirst()).toString());
  }

  @Test
  void recursionIsRefused() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13, "local": 1]>
        g (float[2] x) => (y) { y = local.Loop(x) }
        <domain: "local", opset_import: ["": 13, "local": 1]>
        Loop (v) => (w) { w = local.Loop(v) }""");
    String message = assertThrows(InvalidInputException.class, () -> Inlining.inline(model)).getMessage();
    assertTrue(message.endsWith("the function calls itself"), message);
  }
}
