package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class E8M0Test {
  @ParameterizedTest
  @EnumSource
  void everyPowerOfTwoIsWrittenBack(E8M0.Rounding rounding) {
    for (int code = 0; code <= E8M0.MAX; code++) {
      assertEquals((float) Math.pow(2, code - 127), E8M0.decode(code));
      assertEquals(code, E8M0.encode(E8M0.decode(code), rounding, true));
    }
    assertEquals(Float.NaN, E8M0.decode(E8M0.NAN));
  }

  @Test
  void betweenTwoPowersTheModeDecides() {
    for (int code = 0; code < E8M0.MAX; code++) {
      double power = Math.pow(2, code - 127);
      for (double factor : new double[] {1.0001, 1.4999, 1.5, 1.9999}) {
        assertEquals(code + 1, E8M0.encode(power * factor, E8M0.Rounding.UP, true));
        assertEquals(code, E8M0.encode(power * factor, E8M0.Rounding.DOWN, true));
        assertEquals(factor < 1.5 ? code : code + 1, E8M0.encode(power * factor, E8M0.Rounding.NEAREST, true));
      }
    }
  }

  @Test
  void theTablesOfCastHoldBeyondTheRange() {
    assertEquals(0, E8M0.encode(0, E8M0.Rounding.UP, true));
    assertEquals(0, E8M0.encode(Float.MIN_VALUE, E8M0.Rounding.UP, true));
    assertEquals(E8M0.MAX, E8M0.encode(Float.MAX_VALUE, E8M0.Rounding.UP, true));
    assertEquals(E8M0.MAX, E8M0.encode(Double.POSITIVE_INFINITY, E8M0.Rounding.UP, true));
    assertEquals(E8M0.NAN, E8M0.encode(0, E8M0.Rounding.NEAREST, false));
    assertEquals(E8M0.NAN, E8M0.encode(Float.MIN_VALUE, E8M0.Rounding.NEAREST, false));
    assertEquals(E8M0.NAN, E8M0.encode(Float.MAX_VALUE, E8M0.Rounding.NEAREST, false));
    assertEquals(E8M0.NAN, E8M0.encode(Double.POSITIVE_INFINITY, E8M0.Rounding.NEAREST, false));
    assertEquals(E8M0.NAN, E8M0.encode(Double.NaN, E8M0.Rounding.UP, true));
    assertEquals(E8M0.NAN, E8M0.encode(-1, E8M0.Rounding.UP, true));
  }
}
