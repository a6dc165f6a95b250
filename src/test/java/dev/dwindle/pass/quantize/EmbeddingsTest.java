package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddingsTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 17]>
      net (int64[1,T] ids) => (y)
      <float[512,32] table = random(1), float[32,16] w = random(2)>
      {
        e = Gather(table, ids)
        y = MatMul(e, w)
      }
      """;
  private static final Map<String, Tensor> IDS = Map.of("ids", Tensor.of(Shape.of(1, 4), new long[] {3, 511, -1, 0}));

  private static PassResult quantize(Model model, Map<String, Object> settings) {
    return QuantizeRun.of(model, settings, "ids", IDS.get("ids"));
  }

  private static boolean holdsTable(Model model, DType dtype) {
    return model.graph().constants().stream()
        .anyMatch(c -> c.tensor().shape().equals(Shape.of(512, 32)) && c.tensor().dtype() == dtype);
  }

  @Test
  void rowsAreGatheredAsCodesAndMultipliedByTheirScales() {
    Model original = GraphText.parse(NET);
    for (String mode : List.of("static", "dynamic")) {
      Model model = original.copy();
      PassResult result = quantize(model, Map.of("mode", mode));
      assertEquals("int8 by row", result.changed().get("Gather 'e'"));
      assertEquals("1 read as INT8, one scale for each row", result.figures().get("embeddings"));
      assertTrue(holdsTable(model, DType.INT8));
      assertFalse(holdsTable(model, DType.FLOAT));
      float[] expected = Interpreter.run(original.graph(), IDS).getFirst().floats();
      float[] found = Interpreter.run(model.graph(), IDS).getFirst().floats();
      float largest = 0;
      for (float v : expected) largest = Math.max(largest, Math.abs(v));
      for (int i = 0; i < found.length; i++) assertEquals(expected[i], found[i], 0.03 * largest, mode + " " + i);
    }
  }

  @Test
  void whatTheRecipeExcludesWhatIsSmallAndWhatOthersReadStaysFloat() {
    for (Map<String, Object> settings : List.<Map<String, Object>>of(Map.of("embeddings", false),
        Map.of("exclude", List.of("op:Gather")), Map.of("operators", List.of("MatMul")))) {
      Model model = GraphText.parse(NET);
      assertFalse(quantize(model, settings).figures().containsKey("embeddings"), settings.toString());
      assertTrue(holdsTable(model, DType.FLOAT));
    }
    for (String other : List.of(NET.replace("32", "31"),
        NET.replace("(y)", "(y, z)").replace("y = MatMul", "z = Neg(table)\n  y = MatMul"))) {
      assertFalse(quantize(GraphText.parse(other), Map.of()).figures().containsKey("embeddings"), other);
    }
  }

  @Test
  void aTableThatHoldsInfinityStaysAsItIs() {
    Model model = GraphText.parse(NET.replace("table = random(1)", "table = {-inf}").replace("MatMul(e,", "MatMul(a,")
        .replace("y =", "a = Softmax(e)\n  y ="));
    assertFalse(quantize(model, Map.of("mode", "dynamic")).figures().containsKey("embeddings"));
    assertTrue(holdsTable(model, DType.FLOAT));
  }
}
