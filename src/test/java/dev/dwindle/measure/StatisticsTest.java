package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.Estimate;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatisticsTest {
  @Test
  void wilsonIntervalOfAShare() {
    Estimate e = Statistics.share(90, 100);
    assertEquals(0.9, e.value());
    assertEquals(0.8256, e.low(), 1e-4);
    assertEquals(0.9448, e.high(), 1e-4);
  }

  @Test
  void aShareOfAllOrNothingStaysInsideItsBounds() {
    assertEquals(1, Statistics.share(50, 50).high());
    assertEquals(0, Statistics.share(0, 50).low());
    assertTrue(Statistics.share(50, 50).low() < 1);
  }

  @ParameterizedTest
  @CsvSource({"90, 44", "95, 90", "99, 459", "99.9, 4603"})
  void aPercentileNeedsItsRuns(double percent, int runs) {
    double[] enough = new double[runs];
    Arrays.setAll(enough, i -> i);
    assertNotNull(Statistics.percentile(enough, percent));
    assertNull(Statistics.percentile(Arrays.copyOf(enough, runs - 1), percent));
  }

  @Test
  void thePercentileIsTheNearestRank() {
    double[] values = new double[100];
    Arrays.setAll(values, i -> 100 - i);
    assertEquals(90, Statistics.percentile(values, 90));
  }

  @Test
  void theMedianLiesInItsInterval() {
    Estimate e = Statistics.median(new double[] {5, 1, 4, 2, 3});
    assertEquals(3, e.value());
    assertTrue(e.low() <= 3 && e.high() >= 3);
  }

  /** Fifty values a block that all share the block's part: an interval that took them for independent would hold the truth in a third of the trials. */
  @Test
  void intervalsOfPercentilesGrowWithWhatNeighboursShare() {
    SplittableRandom random = new SplittableRandom(8);
    for (double percent : new double[] {50, 90}) {
      int covered = 0;
      for (int trial = 0; trial < 1_000; trial++) {
        double[] blocks = random.doubles(20).toArray();
        double[] values = new double[1_000];
        Arrays.setAll(values, i -> blocks[i / 50] < 0.5 ? random.nextDouble() : random.nextDouble() * 2);
        double truth = percent == 50 ? 2.0 / 3 : 1.6;
        Estimate e = Statistics.quantile(values, 50, percent);
        if (e.low() <= truth && truth <= e.high()) covered++;
      }
      assertTrue(covered >= 900, percent + ": covered " + covered + " of 1000");
    }
  }

  /** The interval is right where it promises: at least 93 of 100 times at the nominal 95 %, by 2,000 trials. */
  @Test
  void pairedIntervalsHoldTheTruth() {
    SplittableRandom random = new SplittableRandom(7);
    double pGain = 0.03;
    double pLoss = 0.05;
    int covered = 0;
    for (int trial = 0; trial < 2000; trial++) {
      long gained = 0;
      long lost = 0;
      for (int i = 0; i < 400; i++) {
        double u = random.nextDouble();
        if (u < pGain) gained++;
        else if (u < pGain + pLoss) lost++;
      }
      Estimate e = Statistics.pairedShares(gained, lost, 400);
      if (e.low() <= pGain - pLoss && pGain - pLoss <= e.high()) covered++;
    }
    assertTrue(covered >= 1860, covered + " of 2000");
  }

  @Test
  void equalModelsDifferByNothingButWithDoubt() {
    Estimate e = Statistics.pairedShares(0, 0, 1000);
    assertEquals(0, e.value());
    assertTrue(e.low() < 0 && e.high() > 0);
  }

  @Test
  void drawsWithoutAFigureAreDrawnAgain() {
    double[] rare = new double[20];
    rare[3] = 1;
    rare[7] = 1;
    Estimate e = Statistics.bootstrap(20, 1, idx -> {
      double positives = Arrays.stream(idx).mapToDouble(i -> rare[i]).sum();
      return positives == 0 ? Double.NaN : positives / idx.length;
    });
    assertTrue(e.low() > 0 && e.high() < 1, e.toString());
  }

  @Test
  void theBootstrapIsTheSameEveryTime() {
    double[] values = new SplittableRandom(3).doubles(200).toArray();
    Estimate a = Statistics.bootstrap(200, 1,
        idx -> Arrays.stream(idx).mapToDouble(i -> values[i]).average().orElse(0));
    Estimate b = Statistics.bootstrap(200, 1,
        idx -> Arrays.stream(idx).mapToDouble(i -> values[i]).average().orElse(0));
    assertEquals(a, b);
    assertTrue(a.low() < 0.5 && a.high() > 0.5);
  }

  @Test
  void quantilesGoFromTheSmallestToTheLargestByProportion() {
    var quantiles = Statistics.quantiles(new double[] {3, 1, 2});
    assertEquals(101, quantiles.size());
    assertEquals(1, quantiles.getFirst());
    assertEquals(1.5, quantiles.get(25), 1e-12);
    assertEquals(3, quantiles.getLast());
    assertEquals(0, Statistics.quantiles(new double[0]).size());
  }
}
