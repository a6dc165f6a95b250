package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeLinearTest {
  private static Tensor floats(float... x) {
    return Tensor.of(Shape.of(x.length), x);
  }

  private static Tensor zero(DType type, long... values) {
    return Elements.ofLongs(type, values.length == 1 ? Shape.SCALAR : Shape.of(values.length), values);
  }

  @Test
  void tiesGoToTheEvenNumberBeforeTheZeroPointIsAdded() {
    Tensor x = floats(0.5f, 1.5f, 2.5f, -0.5f, -1.5f);
    assertArrayEquals(new long[] {3, 5, 5, 3, 1},
        Elements.longs(new OneNode(13, "QuantizeLinear", x, Tensor.scalar(1f), zero(DType.UINT8, 3)).result()));
  }

  @Test
  void infinityIsTheEndOfTheRangeAndNaNTheZeroPoint() {
    Tensor x = floats(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1e30f);
    assertArrayEquals(new long[] {127, -128, 5, 127},
        Elements.longs(new OneNode(13, "QuantizeLinear", x, Tensor.scalar(0.1f), zero(DType.INT8, 5)).result()));
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "UINT8", "INT16", "UINT16", "INT4", "UINT4", "INT2", "UINT2"})
  void everyIntegerIsReadAndWrittenBack(DType type) {
    int count = (int) Math.min(1000, type.max() - type.min() + 1);
    long[] codes = new long[count];
    for (int i = 0; i < count; i++) {
      codes[i] = type.max() - i;
    }
    Tensor q = Elements.ofLongs(type, Shape.of(count), codes);
    Tensor scale = Tensor.scalar(0.37f);
    Tensor x = new OneNode(25, "DequantizeLinear", q, scale, zero(type, 1)).result();
    assertArrayEquals(codes, Elements.longs(new OneNode(25, "QuantizeLinear", x, scale, zero(type, 1)).result()));
  }

  @Test
  void scalesOfAnAxisAndOfBlocks() {
    Tensor x = Tensor.of(Shape.of(2, 3), 1f, 2f, 3f, 4f, 5f, 6f);
    Attribute axis = Attribute.of("axis", -2);
    OneNode perAxis = new OneNode(21, "QuantizeLinear", x, floats(1, 2), zero(DType.INT8, 0, 10)).with(axis);
    assertArrayEquals(new long[] {1, 2, 3, 12, 12, 13}, Elements.longs(perAxis.result()));
    // Blocks of two along the last axis, of which the second is short.
    Tensor scales = Tensor.of(Shape.of(2, 2), 1f, 3f, 4f, 6f);
    OneNode blocked = new OneNode(21, "QuantizeLinear", x, scales).with(Attribute.of("block_size", 2))
        .with(Attribute.of("output_dtype", DType.INT4.code()));
    Tensor q = blocked.result();
    assertEquals(DType.INT4, q.dtype());
    assertArrayEquals(new long[] {1, 2, 1, 1, 1, 1}, Elements.longs(q));
    OneNode back = new OneNode(21, "DequantizeLinear", q, scales).with(Attribute.of("block_size", 2));
    assertArrayEquals(new float[] {1, 2, 3, 4, 4, 6}, back.result().floats());
    // Blocks of two along the first axis: one scale for each column.
    OneNode columns = new OneNode(21, "DequantizeLinear", q, Tensor.of(Shape.of(1, 3), 1f, 10f, 100f))
        .with(Attribute.of("block_size", 2)).with(Attribute.of("axis", 0));
    assertArrayEquals(new float[] {1, 20, 100, 1, 10, 100}, columns.result().floats());
  }

  @Test
  void scalesThatDoNotFitAreNamed() {
    Tensor x = Tensor.of(Shape.of(2, 3), new float[6]);
    OneNode wrong = new OneNode(13, "QuantizeLinear", x, floats(1, 2));
    String message = assertThrows(InvalidInputException.class, wrong::result).getMessage();
    assertTrue(message.contains("scale is of shape [2], expected [3]"), message);
  }

  @Test
  void thePrecisionIsThatOfTheScale() {
    // 2049 / 1 is 2048 in FLOAT16, 2049 in FLOAT.
    Tensor x = floats(2049);
    Tensor half = Elements.ofFloats(DType.FLOAT16, Shape.SCALAR, new float[] {1});
    assertArrayEquals(new long[] {2048},
        Elements.longs(new OneNode(23, "QuantizeLinear", x, half, zero(DType.INT16, 0)).result()));
    assertArrayEquals(new long[] {2049}, Elements.longs(new OneNode(23, "QuantizeLinear", x, half, zero(DType.INT16, 0))
        .with(Attribute.of("precision", DType.FLOAT.code())).result()));
  }

  @Test
  void emptyTensorsStayEmpty() {
    Tensor x = Tensor.of(Shape.of(0, 3), new float[0]);
    assertEquals(Shape.of(0, 3), new OneNode(13, "QuantizeLinear", x, Tensor.scalar(1f)).result().shape());
    assertEquals(Shape.of(0, 3), new OneNode(13, "QuantizeLinear", x, floats(1, 1, 1)).result().shape());
  }

  @Test
  void theWholeRangeOfZerosHasAScale() {
    var results = new OneNode(11, "DynamicQuantizeLinear", floats(0, 0)).outputs(3).results();
    assertArrayEquals(new byte[] {0, 0}, results.get(0).bytes());
    assertEquals(1 / 255f, results.get(1).floats()[0]);
  }
}
