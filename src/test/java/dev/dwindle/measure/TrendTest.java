package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void aRiseAndAFallAreFoundAlike() {
    double[] rise = IntStream.range(0, 20).mapToDouble(i -> i).toArray();
    double[] fall = IntStream.range(0, 20).mapToDouble(i -> -i).toArray();
    assertTrue(Trend.pValue(rise) < 1e-8);
    assertEquals(Trend.pValue(rise), Trend.pValue(fall));
  }

  @Test
  void aConstantAndAFewFiguresHaveNoTrend() {
    assertEquals(1, Trend.pValue(new double[20]), 1e-6);
    assertEquals(1, Trend.pValue(new double[] {1, 2, 3, 4, 5, 6, 7}));
  }

  /** At 1 %, of 5,000 series without a trend about 50 are taken for one. */
  @Test
  void chanceIsSeldomTakenForATrend() {
    SplittableRandom random = new SplittableRandom(5);
    long found = IntStream.range(0, 5_000).filter(i -> Trend.pValue(random.doubles(20).toArray()) < 0.01).count();
    assertTrue(found > 15 && found < 90, "found " + found);
  }
}
