package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.IntegerArithmetic.Layer;
import dev.dwindle.result.IntegerArithmetic.Sums;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Of two layers only the one whose neighbouring weights are large together takes weights of 7 bits. */
class SaturationTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,2] x) => (float[1,2] y)
      <float[2,2] w = {1, 0.9, 0.95, 1}, float[2,2] v = {1, 0.01, -0.02, 1}>
      {
        [loud] a = MatMul(x, w)
        r = Relu(a)
        [quiet] y = MatMul(r, v)
      }
      """;

  private static PassContext context(CpuBackend cpu, IntegerArithmetic arithmetic) {
    Samples samples = Samples.of(List.of(
        new Sample(Map.of("x", Tensor.of(Shape.of(1, 2), 1, 0.97f)), null, true),
        new Sample(Map.of("x", Tensor.of(Shape.of(1, 2), 0.9f, 1)), null, true)));
    return new PassContext(null, TargetProfile.of("openvino").withArithmetic(arithmetic), cpu, samples, 1, 0,
        Progress.SILENT);
  }

  private static IntegerArithmetic saturating() {
    return new IntegerArithmetic(Map.of(Layer.MATMUL, Sums.CHANNEL_PAIRS), "to even", "32 bits, wraps", true);
  }

  private static int largest(Model model, String name) {
    Node node = model.graph().nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
    int largest = 0;
    for (byte b : node.input(1).producer().input(0).tensor().bytes()) largest = Math.max(largest, Math.abs(b));
    return largest;
  }

  @Test
  void whatSaturationHurtsTakesSevenBits() {
    Model model = GraphText.parse(NET);
    try (CpuBackend cpu = new CpuBackend()) {
      PassContext context = context(cpu, saturating());
      Saturation.Choice choice = Saturation.choose(model, Recipe.int8(), context);
      assertEquals(List.of("loud"), choice.decision().layers(), choice.decision().toString());
      assertEquals("1 of 2 layers take weights of 7 bits", choice.decision().choice());
      assertTrue(choice.recipe().text().contains("reduce_range"), choice.recipe().text());
      Model made = new Pipeline(choice.recipe().steps()).run(model, context).model();
      assertEquals(63, largest(made, "loud"));
      assertEquals(127, largest(made, "quiet"));
    }
  }

  @Test
  void whereNothingSaturatesNothingIsChosen() {
    try (CpuBackend cpu = new CpuBackend()) {
      Saturation.Choice choice = Saturation.choose(GraphText.parse(NET), Recipe.int8(),
          context(cpu, IntegerArithmetic.EXACT));
      assertNull(choice.decision());
      assertEquals(Recipe.int8().text(), choice.recipe().text());
    }
  }
}
