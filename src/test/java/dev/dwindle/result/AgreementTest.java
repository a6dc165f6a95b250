package dev.dwindle.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AgreementTest {
  private static Agreement agreement(double error, double compression, double precision) {
    return new Agreement("x", 8, error, compression, precision, null, null, null);
  }

  @Test
  void aDeviceMayRoundAndBeAsFarAsCompressingWent() {
    assertTrue(agreement(9e-5, 0, 0).holds());
    assertFalse(agreement(2e-4, 0, 0).holds());
    assertEquals("", agreement(9e-5, 0, 0).reason());
    assertTrue(agreement(0.0282, 0.02, 0).holds());
    assertFalse(agreement(0.0283, 0.02, 0).holds());
    assertEquals("1.41 times as far as compressing went", agreement(0.02, 0.02, 0).reason());
  }

  @Test
  void aSmallerPrecisionAddsItsOwn() {
    assertTrue(agreement(0.0199, 0, 0.01).holds());
    assertFalse(agreement(0.0201, 0, 0.01).holds());
    assertEquals("twice as far as its precision takes the original", agreement(0.02, 0, 0.01).reason());
    assertTrue(agreement(0.0482, 0.02, 0.01).holds());
    assertEquals("1.41 times as far as compressing went and twice as far as its precision takes the original",
        agreement(0.02, 0.02, 0.01).reason());
    assertFalse(agreement(Double.NaN, 0.02, 0.01).holds());
  }
}
