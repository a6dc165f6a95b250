package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class RanksTest {
  @Test
  void tiesShareTheirMeanRank() {
    assertArrayEquals(new double[] {2.5, 0, 2.5, 1}, Ranks.of(new double[] {7, 1, 7, 3}));
  }

  @Test
  void spearmanSeesOnlyOrder() {
    assertEquals(1, Ranks.spearman(new double[] {1, 2, 3}, new double[] {10, 100, 1000}), 1e-12);
    assertEquals(-1, Ranks.spearman(new double[] {1, 2, 3}, new double[] {3, 2, 1}), 1e-12);
  }

  @Test
  void areaUnderRocCountsTiesHalf() {
    assertEquals(1, Ranks.areaUnderRoc(new double[] {.1, .9}, new boolean[] {false, true}));
    assertEquals(0.5, Ranks.areaUnderRoc(new double[] {.5, .5}, new boolean[] {false, true}));
  }

  @Test
  void averagePrecisionByHand() {
    // Order by score: hit, miss, hit; precision 1 and 2/3.
    assertEquals((1 + 2.0 / 3) / 2,
        Ranks.averagePrecision(new double[] {.9, .5, .2}, new boolean[] {true, false, true}), 1e-12);
  }
}
