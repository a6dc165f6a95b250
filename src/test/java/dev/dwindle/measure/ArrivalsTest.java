package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  @Test
  void aSeedGivesTheSameArrivalsAndAnotherOthers() {
    assertArrayEquals(Arrivals.poisson(50, 100, 1), Arrivals.poisson(50, 100, 1));
    assertFalse(Arrays.equals(Arrivals.poisson(50, 100, 1), Arrivals.poisson(50, 100, 2)));
  }

  /** Of a Poisson process, the times between arrivals vary as much as their mean, and counts a second as much as theirs. */
  @Test
  void arrivalsAreAPoissonProcess() {
    int n = 100_000;
    long[] at = Arrivals.poisson(200, n, 7);
    double[] gaps = IntStream.range(1, n).mapToDouble(i -> (at[i] - at[i - 1]) / 1e9).toArray();
    assertEquals(1 / 200.0, Arrays.stream(gaps).average().orElseThrow(), 1e-4);
    assertEquals(1, Statistics.variation(gaps), 0.02);
    double[] counts = new double[400];
    for (long nanos : at) {
      if (nanos < counts.length * 1_000_000_000L) counts[(int) (nanos / 1_000_000_000L)]++;
    }
    double mean = Arrays.stream(counts).average().orElseThrow();
    assertEquals(200, mean, 3);
    assertEquals(Math.sqrt(1 / mean), Statistics.variation(counts), 0.01);
  }
}
