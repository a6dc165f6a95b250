package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.Estimate;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SignedRankTest {
  @Test
  void allOnOneSide() {
    assertEquals(2.0 / 64, SignedRank.pValue(new double[] {1, 2, 3, 4, 5, 6}), 1e-15);
    assertEquals(2.0 / 64, SignedRank.pValue(new double[] {-1, -2, -3, -4, -5, -6}), 1e-15);
  }

  /** Darwin's fifteen pairs of plants: the sum of the lesser ranks is 24, p = 0.0413. */
  @Test
  void darwinsPlants() {
    double[] eighths = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
    assertEquals(0.04126, SignedRank.pValue(eighths), 1e-4);
    assertTrue(SignedRank.middle(eighths).low() > 0);
  }

  @Test
  void zerosDecideNothingAndEqualMagnitudesShareTheirRank() {
    assertEquals(1, SignedRank.pValue(new double[] {0, 0, 0}));
    assertEquals(1, SignedRank.pValue(new double[] {1, -1, 2, -2}));
    assertEquals(SignedRank.pValue(new double[] {1, 2, 3}), SignedRank.pValue(new double[] {0, 1, 2, 3, 0}));
  }

  @Test
  void fewerThanSixBoundNothingAtTheUsualConfidence() {
    Estimate e = SignedRank.middle(new double[] {1, 2, 3, 4, 5});
    assertEquals(new Estimate(3, 1, 5, 0.9375), e);
    assertEquals(0.95, SignedRank.middle(new double[] {1, 2, 3, 4, 5, 6}).confidence());
  }

  @Test
  void theIntervalLeavesOutZeroJustWhereTheTestRejects() {
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 2_000; trial++) {
      double shift = random.nextDouble(0, 1);
      double[] values = random.doubles(6 + trial % 20, -1 + shift, 1 + shift).toArray();
      Estimate e = SignedRank.middle(values);
      assertEquals(SignedRank.pValue(values) <= 0.05, e.low() > 0 || e.high() < 0, Arrays.toString(values));
    }
  }
}
