package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SoftmaxTest {
  private static final int ROWS = 3;

  @Test
  void scalesMasksAndNormalizes() {
    for (int n : new int[] {1, 4, 13, 16, 17, 33, 207, 4097, 9000}) {
      float[] x = PlainLoops.random(ROWS * n, 1);
      float[] mask = PlainLoops.random(ROWS * n, 2);
      mask[n - 1] = n == 1 ? 0 : Float.NEGATIVE_INFINITY;
      check(x, null, null, 0, n);
      check(x, mask, new int[] {0, n, 2 * n}, 1, n);
      check(x, new float[] {3, -1}, new int[] {0, 1, 0}, 0, n);
    }
  }

  private static void check(float[] x, float[] mask, int[] starts, int step, int n) {
    float scale = 30;
    float[] y = new float[x.length];
    try (Workers one = new Workers(1)) {
      new SoftmaxRows(ROWS, n, scale, starts, step).on(Slice.of(x), mask == null ? null : Slice.of(mask), Slice.of(y))
          .run(one);
    }
    for (int row = 0; row < ROWS; row++) {
      double[] scores = new double[n];
      for (int i = 0; i < n; i++) {
        double addend = mask == null ? 0 : mask[starts[row] + i * step];
        // The scores are floats, whose rounding the exponential would show.
        scores[i] = (float) (x[row * n + i] * scale) + (float) addend;
        scores[i] = (float) scores[i];
      }
      double max = Arrays.stream(scores).max().orElseThrow();
      double sum = Arrays.stream(scores).map(s -> Math.exp(s - max)).sum();
      for (int i = 0; i < n; i++) {
        double expected = Math.exp(scores[i] - max) / sum;
        // Distances from the largest score are rounded, too.
        double limit = (16 + max - scores[i]) * Math.ulp(1f) * expected + 2 * Float.MIN_NORMAL;
        limit = expected == 0 ? 0 : limit;
        assertEquals(expected, y[row * n + i], limit, "row " + row + " of " + n + ", element " + i);
      }
    }
  }

  @Test
  void aNanMakesItsRowOne() {
    float[] x = PlainLoops.random(2 * 33, 1);
    x[20] = Float.NaN;
    float[] y = new float[x.length];
    try (Workers one = new Workers(1)) {
      new SoftmaxRows(2, 33, 1, null, 0).on(Slice.of(x), null, Slice.of(y)).run(one);
    }
    assertTrue(Float.isNaN(y[0]) && Float.isNaN(y[32]));
    assertTrue(y[33] > 0 && y[65] > 0);
  }
}
