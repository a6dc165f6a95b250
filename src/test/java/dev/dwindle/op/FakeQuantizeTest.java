package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Decomposition;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakeQuantizeTest {
  private static final int ROWS = 40;
  private static final int COLUMNS = 12;

  private static Model model(int opset, String text) {
    Model model = GraphText
        .parse("<ir_version: 10, opset_import: [\"\" : %d, \"dev.dwindle\" : 1]> %s".formatted(opset, text));
    ShapeInference.of(model.graph()).store();
    return model;
  }

  /** Ties, what is far beyond the ends, and values between. */
  private static float[] values(Random random, float[] scales) {
    float[] x = new float[ROWS * COLUMNS];
    for (int i = 0; i < x.length; i++) {
      float scale = scales[scales.length == 1 ? 0 : i % COLUMNS];
      x[i] = switch (i % 3) {
        case 0 -> (random.nextInt(40) - 20 + 0.5f) * scale;
        case 1 -> (float) random.nextGaussian() * 1000 * scale;
        default -> (float) random.nextGaussian() * 100 * scale;
      };
    }
    return x;
  }

  private static Tensor scales(Random random, int count) {
    float[] scales = new float[count];
    for (int i = 0; i < count; i++) scales[i] = i % 2 == 0 ? 0.25f : random.nextFloat(0.01f, 0.1f);
    return Tensor.of(Shape.of(count), scales);
  }

  @ParameterizedTest
  @CsvSource({"int8, -128, 127, 1", "int8, -128, 127, 12", "uint8, 0, 255, 1", "uint8, 0, 255, 12",
      "int4, -8, 7, 12"})
  void isWhatQuantizingAndDequantizingLeaves(String type, int low, int high, int count) {
    Random random = new Random(3);
    Model model = model(21, "g (float[N,12] x, float[%d] s, float[%d] z) => (y, e) { ".formatted(count, count)
        + "i = Cast <to = %d> (z) q = QuantizeLinear(x, s, i) e = DequantizeLinear(q, s, i) ".formatted(
            DType.valueOf(type.toUpperCase(java.util.Locale.ROOT)).code())
        + "y = dev.dwindle.FakeQuantize <low = %d, high = %d> (x, s, z) }".formatted(low, high));
    Tensor scales = scales(random, count);
    Tensor zeros = Elements.ofDoubles(DType.FLOAT, Shape.of(count),
        random.ints(count, low, high).asDoubleStream().toArray());
    Tensor x = Tensor.of(Shape.of(ROWS, COLUMNS), values(random, scales.floats()));
    Map<String, Tensor> inputs = Map.of("x", x, "s", scales, "z", zeros);
    List<Tensor> whole = Interpreter.run(model.graph(), inputs);
    assertSameNumbers(whole.get(1), whole.get(0), 0);
    assertEquals(1, Decomposition.decompose(model.graph(), node -> node.domain().equals("dev.dwindle")));
    assertSameNumbers(whole.get(0), Interpreter.run(model.graph(), inputs).getFirst(), 0);
  }

  /** Zeros may differ in sign. */
  private static void assertSameNumbers(Tensor expected, Tensor found, double tolerance) {
    assertEquals(expected.shape(), found.shape());
    double[] a = Elements.doubles(expected);
    double[] b = Elements.doubles(found);
    for (int i = 0; i < a.length; i++) {
      assertTrue(Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(a[i])), i + ": " + a[i] + " and " + b[i]);
    }
  }

  @Test
  void noNumberStaysNone() {
    Model model = model(18, "g (float[2] x, float[] s, float[] z) => (y) "
        + "{ y = dev.dwindle.FakeQuantize <low = -8, high = 7> (x, s, z) }");
    float[] y = Interpreter.run(model.graph(), Map.of("x", Tensor.of(Shape.of(2), Float.NaN, Float.POSITIVE_INFINITY),
        "s", Tensor.scalar(0.5f), "z", Tensor.scalar(0f))).getFirst().floats();
    assertArrayEquals(new float[] {Float.NaN, 3.5f}, y);
  }

  /** By hand: the quotients 0.75, -1.5, 3 (an end), 5, -9 with ends -5 and 3, one of them for all. */
  @Test
  void theGradientPassesWithinAndLearnsTheStep() {
    Model model = model(18, "g (double[5] x, double[] s, double[] z, double[5] g) => (dx, ds) "
        + "{ dx, ds = dev.dwindle.FakeQuantizeGradient <low = -4, high = 4> (x, s, z, g) }");
    List<Tensor> found = Interpreter.run(model.graph(),
        Map.of("x", Tensor.of(Shape.of(5), 0.375, -0.75, 1.5, 2.5, -4.5), "s", Tensor.of(Shape.SCALAR, 0.5), "z",
            Tensor.of(Shape.SCALAR, 1d), "g", Tensor.of(Shape.of(5), 1d, 2d, 3d, 4d, 5d)));
    assertArrayEquals(new double[] {1, 2, 3, 0, 0}, found.get(0).doubles());
    double sum = 1 * (1 - 0.75) + 2 * (-2 + 1.5) + 3 * (3 - 3) + 4 * 3 + 5 * -5;
    assertEquals(sum / Math.sqrt(5 * 4), found.get(1).doubles()[0], 1e-12);
  }

  /** Each scale has its own sum; the share counts the elements of one, and a type that ends at 0 or below counts as 1. */
  @Test
  void eachScaleLearnsItsOwnStep() {
    Model model = model(18, "g (double[2,2] x, double[2] s, double[2] z, double[2,2] g) => (dx, ds) "
        + "{ dx, ds = dev.dwindle.FakeQuantizeGradient <low = -4, high = 0> (x, s, z, g) }");
    List<Tensor> found = Interpreter.run(model.graph(),
        Map.of("x", Tensor.of(Shape.of(2, 2), -0.25, -2.5, -3d, 1d), "s", Tensor.of(Shape.of(2), 1d, 2d), "z",
            Tensor.of(Shape.of(2), 0d, 0d), "g", Tensor.of(Shape.of(2, 2), 1d, 1d, 1d, 1d)));
    assertArrayEquals(new double[] {1, 1, 1, 0}, found.get(0).doubles());
    assertArrayEquals(new double[] {0.25 / Math.sqrt(2), (-1 + 1.25 + 0) / Math.sqrt(2)}, found.get(1).doubles(),
        1e-12);
  }

  @ParameterizedTest
  @CsvSource({"13, 12, ''", "18, 12, 12", "18, N, 12", "18, N, 1", "21, N, ''", "18, 12, 1"})
  void theGradientMeansTheSameInPieces(int opset, String batch, String scales) {
    String vector = "[" + scales + "]";
    int count = scales.isEmpty() ? 1 : Integer.parseInt(scales);
    for (DType type : List.of(DType.FLOAT, DType.DOUBLE)) {
      Model model = model(opset, "g (T[%s,12,3] x, T%s s, T%s z, T[%s,12,3] g) => (dx, ds) ".formatted(batch, vector,
          vector, batch).replace("T[", type.text() + "[")
          + "{ dx, ds = dev.dwindle.FakeQuantizeGradient <low = -8, high = 7> (x, s, z, g) }");
      Random random = new Random(5);
      Shape shape = Shape.of(12, 12, 3);
      Shape each = scales.isEmpty() ? Shape.SCALAR : Shape.of(count);
      Map<String, Tensor> inputs = new HashMap<>();
      inputs.put("x", Elements.ofDoubles(type, shape, random.doubles(shape.intSize(), -4, 4).toArray()));
      inputs.put("g", Elements.ofDoubles(type, shape, random.doubles(shape.intSize(), -1, 1).toArray()));
      inputs.put("s", Elements.ofDoubles(type, each, random.doubles(count, 0.1, 0.5).toArray()));
      inputs.put("z", Elements.ofDoubles(type, each, random.ints(count, -3, 3).asDoubleStream().toArray()));
      List<Tensor> whole = Interpreter.run(model.graph(), inputs);
      assertEquals(1, Decomposition.decompose(model.graph(), node -> node.domain().equals("dev.dwindle")));
      List<Tensor> pieces = Interpreter.run(model.graph(), inputs);
      assertSameNumbers(whole.get(0), pieces.get(0), 0);
      assertSameNumbers(whole.get(1), pieces.get(1), 1e-5);
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    assertRefused("low is 7 and high -8, expected -32768 to 65535, low below high", "<low = 7, high = -8> (x, x, x)");
    assertRefused("attribute 'high' is missing", "<low = 7> (x, x, x)");
    assertRefused("zero point is of shape [], expected that of the scale, [3]", "<low = 0, high = 1> (x, x, s)");
    assertRefused("input, scale and zero point are of types float, double and float, expected one floating-point type",
        "<low = 0, high = 1> (x, d, x)");
  }

  private static void assertRefused(String expected, String call) {
    String message = assertThrows(InvalidInputException.class, () -> {
      Model model = model(18, "g (float[3] x, float[] s, double[3] d) => (y) { y = dev.dwindle.FakeQuantize " + call
          + " }");
      Tensor three = Tensor.of(Shape.of(3), 1f, 1f, 1f);
      Interpreter.run(model.graph(),
          Map.of("x", three, "s", Tensor.scalar(1f), "d", Tensor.of(Shape.of(3), 1d, 1d, 1d)));
    }).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
