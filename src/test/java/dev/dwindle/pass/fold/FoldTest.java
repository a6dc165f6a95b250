package dev.dwindle.pass.fold;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.pass.Progress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FoldTest {
  private final Fold fold = new Fold();

  private Pipeline.Outcome run(Model model) {
    return new Pipeline(List.of(new Pipeline.Step(fold, fold.settings().check("recipe", Map.of()))))
        .run(model, new PassContext(null, null, null, null, 1, 0, Progress.SILENT));
  }

  @Test
  void functionsAreInlinedAndTheGraphIsSimplified() {
    Pipeline.Outcome outcome = run(GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17, "local": 1]>
        g (float[N,2] x) => (y) < float[2,2] w = {1, 2, 3, 4}, float[2] b = {5, 6} >
        { h = local.Scale(x)  i = MatMul(h, w)  y = Add(i, b) }
        <domain: "local", opset_import: ["": 17]>
        Scale (v) => (w) { one = Constant <value_float = 1.0> ()  w = Mul(v, one) }"""));
    assertEquals("""
        g (float[N,2] x) => (y)
        <
          float[2,2] w = {1, 2, 3, 4},
          float[2] i_bias = {5, 6}
        >
        {
          y = Gemm(x, w, i_bias)
        }
        """, GraphText.print(outcome.model().graph()));
    assertEquals("3 nodes became 1", outcome.results().getFirst().summary());
    assertEquals("1", outcome.results().getFirst().figures().get("functions inlined"));
  }

  @Test
  void outputsKeepTheTypeThatTheFileDeclares() {
    Pipeline.Outcome outcome = run(GraphText.parse("""
        g (float[N,2] x) => (float[N,2] y, float[N,2] z)
        < float[2,2] w = {1, 2, 3, 4}, float[2] b = {5, 6}, float[1] none = {0} >
        { h = MatMul(x, w)  y = Add(h, b)  r = Relu(x)  z = Add(r, none) }"""));
    assertEquals("""
        g (float[N,2] x) => (float[N,2] y, float[N,2] z)
        <
          float[2,2] w = {1, 2, 3, 4},
          float[2] h_bias = {5, 6}
        >
        {
          y = Gemm(x, w, h_bias)
          z = Relu(x)
        }
        """, GraphText.print(outcome.model().graph()));
  }

  @Test
  void filesThatListInitializersAsInputsBecomeOnesThatNeedNot() {
    Model model = run(GraphText.parse("""
        <ir_version: 3, opset_import: ["": 8]>
        g (float[2] x, float[2] a = {1, 2}, float[2] b = {3, 4}) => (y) { c = Mul(a, b)  y = Add(x, c) }""")).model();
    assertEquals(4, model.irVersion());
    assertEquals("g (float[2] x) => (y)", GraphText.print(model.graph()).lines().findFirst().orElseThrow());
  }

  @Test
  void foreignOperatorsAreSaidToBeLeftAlone() {
    Pipeline.Outcome outcome = run(GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17, "com.example": 2]>
        g (float[2] x) => (y) { [strange] h = com.example.Mystery(x)  y = Relu(h) }"""));
    assertEquals(Map.of("com.example.Mystery 'strange'", "left alone: version 2 of this operator is not known"),
        outcome.results().getFirst().skipped());
  }
}
