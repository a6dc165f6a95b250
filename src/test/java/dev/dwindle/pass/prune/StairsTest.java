package dev.dwindle.pass.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StairsTest {
  @Test
  void neighboursThatRiseArePooled() {
    assertArrayEquals(new double[] {1, 0.9, 0.9, 0.5}, Stairs.falling(new double[] {1, 0.85, 0.95, 0.5}), 1e-12);
    assertArrayEquals(new double[] {2, 2, 2}, Stairs.falling(new double[] {1, 2, 3}), 1e-12);
    assertArrayEquals(new double[] {3, 2, 1}, Stairs.falling(new double[] {3, 2, 1}));
    assertArrayEquals(new double[0], Stairs.falling(new double[0]));
  }

  /** No other falling line is nearer: not the one moved a little anywhere, as the problem is convex. */
  @Test
  void theNearestFallingLineIsFound() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      double[] costs = random.doubles(1 + random.nextInt(9)).toArray();
      double[] falling = Stairs.falling(costs);
      assertEquals(Arrays.stream(costs).sum(), Arrays.stream(falling).sum(), 1e-9);
      for (int i = 1; i < falling.length; i++) assertTrue(falling[i] <= falling[i - 1]);
      for (int trial = 0; trial < 50; trial++) {
        double[] other = falling.clone();
        int from = random.nextInt(other.length);
        int to = from + 1 + random.nextInt(other.length - from);
        double step = (random.nextDouble() - 0.5) * 0.1;
        for (int i = from; i < to; i++) other[i] += step;
        boolean falls = true;
        for (int i = 1; i < other.length; i++) falls &= other[i] <= other[i - 1];
        if (falls) assertTrue(distance(costs, other) >= distance(costs, falling) - 1e-12, "seed " + seed);
      }
    }
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
  }
}
