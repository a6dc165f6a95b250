package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.graph.Attribute;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IntegerProductsTest {
  private static Tensor bytes(DType type, Shape shape, int... values) {
    return Elements.ofLongs(type, shape, Arrays.stream(values).asLongStream().toArray());
  }

  private static Tensor zero(DType type, int value) {
    return bytes(type, Shape.SCALAR, value);
  }

  @Test
  void zeroPointsOfRowsAndColumns() {
    Tensor a = bytes(DType.UINT8, Shape.of(2, 2), 5, 6, 7, 8);
    Tensor b = bytes(DType.INT8, Shape.of(2, 2), 1, -2, 3, 4);
    Tensor rows = bytes(DType.UINT8, Shape.of(2), 5, 7);
    Tensor columns = bytes(DType.INT8, Shape.of(2), 1, -2);
    // [[0,1],[0,1]] times [[0,0],[2,6]]
    assertArrayEquals(new int[] {2, 6, 2, 6}, new OneNode(10, "MatMulInteger", a, b, rows, columns).result().ints());
  }

  @Test
  void scalesOfRowsAndColumns() {
    Tensor a = bytes(DType.INT8, Shape.of(1, 2, 1), 10, 20);
    Tensor b = bytes(DType.INT8, Shape.of(1, 2), 3, 4);
    Tensor aScale = Tensor.of(Shape.of(1, 2, 1), 1f, 0.5f);
    Tensor bScale = Tensor.of(Shape.of(2), 1f, 0.25f);
    OneNode product = new OneNode(21, "QLinearMatMul", a, aScale, zero(DType.INT8, 0), b, bScale, zero(DType.INT8, 0),
        Tensor.scalar(1f), zero(DType.INT8, 1));
    assertArrayEquals(new byte[] {31, 11, 31, 11}, product.result().bytes());
  }

  @Test
  void tiesAreRoundedBeforeTheZeroPointIsAdded() {
    Tensor a = bytes(DType.UINT8, Shape.of(3, 1), 1, 3, 5);
    Tensor one = bytes(DType.INT8, Shape.of(1, 1), 1);
    OneNode product = new OneNode(10, "QLinearMatMul", a, Tensor.scalar(0.5f), zero(DType.UINT8, 0), one,
        Tensor.scalar(1f), zero(DType.INT8, 0), Tensor.scalar(1f), zero(DType.UINT8, 3));
    assertArrayEquals(new byte[] {3, 5, 5}, product.result().bytes());
  }

  @Test
  void paddingCountsAsTheZeroPoint() {
    Tensor x = bytes(DType.UINT8, Shape.of(1, 1, 2), 3, 4);
    Tensor w = bytes(DType.UINT8, Shape.of(2, 1, 3), 1, 1, 1, 2, 2, 2);
    Tensor zeros = bytes(DType.UINT8, Shape.of(2), 0, 1);
    OneNode conv = new OneNode(10, "ConvInteger", x, w, zero(DType.UINT8, 2), zeros)
        .with(Attribute.of("pads", new long[] {1, 1}));
    assertArrayEquals(new int[] {3, 3, 3, 3}, conv.result().ints());
  }

  @Test
  void featuresHaveScalesAndBiasesOfTheirOwn() {
    Tensor x = bytes(DType.UINT8, Shape.of(1, 1, 1, 2), 3, 200);
    Tensor w = bytes(DType.INT8, Shape.of(2, 1, 1, 1), 2, -1);
    OneNode conv = new OneNode(10, "QLinearConv", x, Tensor.scalar(0.5f), zero(DType.UINT8, 0), w,
        Tensor.of(Shape.of(2), 1f, 2f), bytes(DType.INT8, Shape.of(2), 0, 0), Tensor.scalar(1f), zero(DType.UINT8, 10),
        Tensor.of(Shape.of(2), 4, -4));
    // (6 + 4) / 2 + 10, (400 + 4) / 2 + 10, -3 - 4 + 10, -200 - 4 + 10
    assertArrayEquals(new byte[] {15, (byte) 212, 3, 0}, conv.result().bytes());
  }

  @Test
  void otherTypesAreRefused() {
    Tensor a = Elements.ofFloats(DType.FLOAT8E4M3FN, Shape.of(1, 1), new float[] {1});
    Tensor scale = Tensor.scalar(1f);
    Tensor none = Elements.ofFloats(DType.FLOAT8E4M3FN, Shape.SCALAR, new float[] {0});
    OneNode product = new OneNode(21, "QLinearMatMul", a, scale, none, a, scale, none, scale, none);
    assertEquals("QLinearMatMul 'out0': input 0 is of type float8e4m3fn, expected int8 or uint8",
        assertThrows(InvalidInputException.class, product::result).getMessage());
  }
}
