package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.rewrite.Decomposition;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTest {
  private static Model model(int opset, String x, String outputs) {
    return GraphText.parse("<ir_version: 8, opset_import: [\"\" : %d, \"dev.dwindle\" : 1]> net (float%s x) => (%s) "
        .formatted(opset, x, outputs) + "{ %s = dev.dwindle.Summary(x) }".formatted(outputs));
  }

  private static List<Tensor> run(Model model, Tensor x) {
    return Interpreter.run(model.graph(), Map.of("x", x));
  }

  @ParameterizedTest
  @CsvSource({"13, 1", "13, 4", "21, 1", "21, 4"})
  void meansTheSameInPieces(int opset, int plane) {
    float[] values = {3, -1, 0.5f, 7, -2, 4, 1, 1, 0, 0, -8, 2, 5, 6, 9, -3, 2, 2, 2, 2, 1, 0, 1, 0};
    Tensor x = plane == 1 ? Tensor.of(Shape.of(4, 6), values) : Tensor.of(Shape.of(2, 3, 2, 2), values);
    Model model = model(opset, plane == 1 ? "[N,6]" : "[N,3,2,2]", "ends, means, each");
    List<Tensor> whole = run(model, x);
    ShapeInference.of(model.graph()).store();
    assertEquals(1, Decomposition.decompose(model.graph(), node -> true));
    List<Tensor> pieces = run(model, x);
    assertArrayEquals(new float[] {-8, 9}, whole.get(0).floats());
    assertArrayEquals(pieces.get(0).floats(), whole.get(0).floats());
    assertEquals(pieces.get(1).shape(), whole.get(1).shape());
    assertArrayEquals(pieces.get(1).floats(), whole.get(1).floats(), 1e-6f);
    assertEquals(plane == 1 ? Shape.of(2, 4, 6) : Shape.of(2, 2, 3), whole.get(2).shape());
    assertEquals(pieces.get(2).shape(), whole.get(2).shape());
    assertArrayEquals(pieces.get(2).floats(), whole.get(2).floats());
    float[] first = plane == 1 ? new float[] {3, -1, 0.5f} : new float[] {-1, -2, -8};
    assertArrayEquals(first, Arrays.copyOf(whole.get(2).floats(), 3));
  }

  @Test
  void endsOfWhatIsNoNumberAreNone() {
    Model model = model(17, "[N]", "ends");
    float[] ends = run(model, Tensor.of(Shape.of(3), 1f, Float.NaN, 2f)).getFirst().floats();
    assertTrue(Float.isNaN(ends[0]) && Float.isNaN(ends[1]));
    assertArrayEquals(new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY},
        run(model, Tensor.of(Shape.of(0), new float[0])).getFirst().floats());
    assertEquals(0, Float.floatToRawIntBits(run(model, Tensor.of(Shape.of(2), -0f, -0f)).getFirst().floats()[0]));
  }

  @Test
  void aVectorHasNoPlanes() {
    Model model = model(17, "[3]", "ends, means");
    InvalidInputException refusal = assertThrows(InvalidInputException.class,
        () -> run(model, Tensor.of(Shape.of(3), 1f, 2f, 3f)));
    assertTrue(refusal.getMessage().contains("expected [batch, channels, ...]"), refusal.getMessage());
  }
}
