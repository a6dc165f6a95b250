package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.rewrite.Specialization;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoundTripFusionTest {
  private static final Tensor INPUT = input();

  private static Tensor input() {
    Random random = new Random(1);
    float[] values = new float[207];
    for (int i = 0; i < values.length; i++) {
      values[i] = i < 100 ? (i - 50) * 0.05f : (float) random.nextGaussian() * 10;
    }
    return Tensor.of(Shape.of(207), values);
  }

  @Test
  void roundsAsQuantizingAndDequantizingDo() {
    for (Tensor zero : List.of(zero(DType.INT8, -7), zero(DType.UINT8, 130), zero(DType.INT8, 0))) {
      Model model = model(zero, zero);
      assertEquals(List.of(RoundTripFusion.OPERATOR), operators(model));
      assertSameAsPlain(model);
    }
  }

  @Test
  void leavesPairsOfUnequalZeroPointsApart() {
    Model model = model(zero(DType.INT8, 1), zero(DType.INT8, 2));
    assertEquals(List.of("QuantizeLinear", "DequantizeLinear"), operators(model));
    assertSameAsPlain(model);
  }

  @Test
  void quantizesByTheRangeThatItFinds() {
    Model model = new Model(8, 17);
    Graph graph = model.graph();
    Value x = graph.addValue("x", TensorType.of(INPUT));
    graph.addInput(x);
    List.of("y", "scale", "zero").forEach(name -> graph.addValue(name, null));
    graph.node("DynamicQuantizeLinear").in(x).out(graph.value("y"), graph.value("scale"), graph.value("zero")).append();
    List.of("y", "scale", "zero").forEach(name -> graph.addOutput(graph.value(name)));
    assertSameAsPlain(model);
  }

  private static Tensor zero(DType type, int value) {
    return Tensor.of(type, Shape.SCALAR, (byte) value);
  }

  private static Model model(Tensor zero, Tensor other) {
    Model model = new Model(8, 17);
    Graph graph = model.graph();
    Value x = graph.addValue("x", TensorType.of(INPUT));
    graph.addInput(x);
    Value scale = graph.addConstant("scale", Tensor.scalar(0.1f));
    Value q = graph.node("QuantizeLinear").in(x, scale, graph.addConstant("z", zero)).out("q", null).append().output();
    Value y = graph.node("DequantizeLinear").in(q, scale, graph.addConstant("o", other)).out("y", null).append()
        .output();
    graph.addOutput(y);
    return model;
  }

  private static List<String> operators(Model model) {
    Graph graph = Specialization.of(model.graph(), Map.of("x", INPUT.shape()));
    Fusions.apply(graph);
    return graph.nodes().stream().map(n -> n.operator()).toList();
  }

  private static void assertSameAsPlain(Model model) {
    List<Tensor> expected = Interpreter.run(model.graph(), Map.of("x", INPUT));
    try (CpuBackend backend = new CpuBackend();
        Executable executable = backend.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      bound.set("x", INPUT);
      bound.run();
      List<Tensor> actual = List.copyOf(bound.outputs().values());
      for (int i = 0; i < expected.size(); i++) {
        assertTrue(expected.get(i).contentEquals(actual.get(i)), "output " + i);
      }
    }
  }
}
