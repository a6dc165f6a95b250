package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementsTest {
  private static short bits(DType type, double value) {
    byte[] bytes = Elements.ofDoubles(type, Shape.SCALAR, new double[] {value}).bytes();
    return (short) ((bytes[0] & 0xff) | bytes[1] << 8);
  }

  private static double value(DType type, int bits) {
    return Elements.doubles(Tensor.of(type, Shape.SCALAR, (byte) bits, (byte) (bits >> 8)))[0];
  }

  @ParameterizedTest
  @CsvSource({"FLOAT16, 31743", "BFLOAT16, 32639"})
  void sixteenBitsRoundToTheNearerAndToTheEvenOneInTheMiddle(DType type, int largest) {
    for (int code = 0; code < largest; code++) {
      double low = value(type, code);
      double high = value(type, code + 1);
      double middle = (low + high) / 2;
      assertEquals(code, bits(type, low));
      assertEquals(code % 2 == 0 ? code : code + 1, bits(type, middle), () -> "middle " + middle);
      // From a double there is one rounding only, however near the middle.
      assertEquals(code, bits(type, Math.nextDown(middle)), () -> "below " + middle);
      assertEquals(code + 1, bits(type, Math.nextUp(middle)), () -> "above " + middle);
      assertEquals((short) (code + 1 | 0x8000), bits(type, -Math.nextUp(middle)), () -> "above " + middle);
    }
    double step = value(type, largest) - value(type, largest - 1);
    assertEquals(largest, bits(type, Math.nextDown(value(type, largest) + step / 2)));
    assertEquals(largest + 1, bits(type, value(type, largest) + step / 2), "infinity");
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT4E2M1", "FLOAT8E8M0"})
  void floatsAndDoublesAreReadAlike(DType type) {
    double[] x = {0.5, 1, 2, 4, 1};
    Tensor tensor = Elements.ofDoubles(type, Shape.of(5), x.clone());
    assertArrayEquals(x, Elements.doubles(tensor));
    assertArrayEquals(new float[] {0.5f, 1, 2, 4, 1}, Elements.floats(tensor));
    assertEquals(tensor.segment().mismatch(Elements.ofFloats(type, Shape.of(5), Elements.floats(tensor)).segment()),
        -1);
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "INT4", "UINT4",
      "INT2",
      "UINT2", "BOOL"})
  void integersKeepTheirLowBitsAndAreReadAlike(DType type) {
    long[] x = {0, 1, 2, 3, -1, -2, 127, 128, 255, 256, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE};
    Tensor tensor = Elements.ofLongs(type, Shape.of(x.length), x.clone());
    long[] y = Elements.longs(tensor);
    float[] floats = Elements.floats(tensor);
    double[] doubles = Elements.doubles(tensor);
    for (int i = 0; i < x.length; i++) {
      int drop = 64 - type.bits();
      long expected = type == DType.BOOL ? x[i] == 0 ? 0 : 1
          : type.isUnsigned() ? x[i] << drop >>> drop : x[i] << drop >> drop;
      assertEquals(expected, y[i]);
      BigDecimal exact = new BigDecimal(type == DType.UINT64 ? Long.toUnsignedString(expected) : "" + expected);
      assertEquals(exact.floatValue(), floats[i], "as float " + exact);
      assertEquals(exact.doubleValue(), doubles[i], "as double " + exact);
    }
  }

  @Test
  void narrowElementsArePackedFromTheLowBitsUp() {
    Tensor nibbles = Elements.ofLongs(DType.INT4, Shape.of(3), new long[] {1, -2, 7});
    assertArrayEquals(new byte[] {(byte) 0xe1, 7}, nibbles.bytes());
    Tensor pairs = Elements.ofLongs(DType.UINT2, Shape.of(5), new long[] {0, 1, 2, 3, 1});
    assertArrayEquals(new byte[] {(byte) 0b11_10_01_00, 1}, pairs.bytes());
    assertArrayEquals(new long[] {1, -2, 7}, Elements.longs(nibbles));
  }

  @Test
  void noElementsAreNoElements() {
    List<Integer> lengths = new ArrayList<>();
    for (DType type : DType.values()) {
      if (type.isFloating() || type.isInteger()) {
        lengths.add(Elements.floats(Tensor.of(type, Shape.of(0, 3))).length);
      }
    }
    assertEquals(IntStream.range(0, lengths.size()).mapToObj(i -> 0).toList(), lengths);
  }

  @Test
  void stringsAreRefusedWithTheirType() {
    Tensor text = Tensor.ofStrings(Shape.of(1), Arrays.asList(new byte[][] {{65}}));
    String message = assertThrows(InvalidInputException.class, () -> Elements.floats(text)).getMessage();
    assertEquals("elements: found string, expected a numeric type", message);
  }
}
