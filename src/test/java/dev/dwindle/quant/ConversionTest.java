package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConversionTest {
  private static long[] integers(DType to, double... x) {
    return Elements.longs(Conversion.cast(Tensor.of(Shape.of(x.length), x), to, true));
  }

  @Test
  void toIntegersTowardsZeroThenTheLowBits() {
    assertArrayEquals(new long[] {2, -2, 0, 0, 44, 56}, integers(DType.INT8, 2.9, -2.9, 0.9, -0.9, 300, -200));
    assertArrayEquals(new long[] {254, 44}, integers(DType.UINT8, -2.9, 300));
    assertArrayEquals(new long[] {7, -8, -7}, integers(DType.INT4, 7.5, 8, 9.7));
    assertArrayEquals(new long[] {0xffff_ffff_ffff_f800L}, integers(DType.UINT64, 0x1p64 - 2048));
  }

  @Test
  void toBoolWhetherItIsNotZero() {
    assertArrayEquals(new long[] {0, 0, 1, 1, 1}, integers(DType.BOOL, 0.0, -0.0, 0.1, Double.NaN, -3));
  }

  @Test
  void fromIntegersRoundedOnce() {
    Tensor x = Tensor.of(Shape.of(3), (1L << 24) + 1, Long.MAX_VALUE, -3L);
    assertArrayEquals(new float[] {1 << 24, 0x1p63f, -3}, Conversion.cast(x, DType.FLOAT, true).floats());
    Tensor unsigned = Elements.ofLongs(DType.UINT64, Shape.of(1), new long[] {-1});
    assertArrayEquals(new float[] {0x1p64f}, Conversion.cast(unsigned, DType.FLOAT, true).floats());
  }

  @Test
  void betweenFloatingPointTypesInfinityAndSaturation() {
    Tensor x = Tensor.of(Shape.of(2), 1e6f, -1e6f);
    assertArrayEquals(new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY},
        Elements.floats(Conversion.cast(x, DType.FLOAT16, true)));
    assertArrayEquals(new float[] {448, -448}, Elements.floats(Conversion.cast(x, DType.FLOAT8E4M3FN, true)));
    assertArrayEquals(new float[] {Float.NaN, Float.NaN},
        Elements.floats(Conversion.cast(x, DType.FLOAT8E4M3FN, false)));
    assertArrayEquals(new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY},
        Elements.floats(Conversion.cast(x, DType.FLOAT8E5M2, false)));
  }

  @Test
  void theSameTypeIsTheSameTensor() {
    Tensor x = Tensor.scalar(3f);
    assertSame(x, Conversion.cast(x, DType.FLOAT, true));
  }

  @Test
  void stringsAreRefused() {
    Tensor x = Tensor.ofStrings(Shape.of(0), List.of());
    String message = assertThrows(InvalidInputException.class, () -> Conversion.cast(x, DType.FLOAT, true))
        .getMessage();
    assertEquals("cast: found string to float, expected numeric types", message);
  }
}
