package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SummaryLoopsTest {
  private static final int AT = 3;

  private static float[] ends(float[] x, int planes, int plane, float[] means) {
    float[] y = new float[AT + 2];
    SummaryLoops.run(new Slice(x, AT), planes, plane, new Slice(y, AT), means == null ? null : Slice.of(means),
        null, Slice.of(new float[SummaryLoops.SCRATCH]));
    return new float[] {y[AT], y[AT + 1]};
  }

  @Test
  void findsEndsAndMeansOfPlanes() {
    for (int plane : new int[] {1, 4, 13, 16, 31, 32, 33, 49, 207, 4097, 9000}) {
      int planes = 5;
      float[] x = PlainLoops.random(AT + planes * plane + 2, plane);
      // What surrounds the planes is none of theirs.
      x[AT - 1] = x[AT + planes * plane] = Float.NaN;
      float[] expected = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
      float[] expectedMeans = new float[planes];
      for (int p = 0; p < planes; p++) {
        expectedMeans[p] = (float) (Reductions.sum(x, AT + p * plane, plane) / plane);
        for (int i = AT + p * plane; i < AT + (p + 1) * plane; i++) {
          expected[0] = Math.min(expected[0], x[i]);
          expected[1] = Math.max(expected[1], x[i]);
        }
      }
      float[] means = new float[planes];
      assertArrayEquals(expected, ends(x, planes, plane, means));
      assertArrayEquals(expectedMeans, means, "planes of " + plane);
      assertArrayEquals(expected, ends(x, planes, plane, null));
    }
  }

  @Test
  void findsTheEndsOfEachPlane() {
    for (int plane : new int[] {1, 13, 33, 207, 9000}) {
      int planes = 5;
      float[] x = PlainLoops.random(AT + planes * plane + 2, plane);
      if (plane > 1) x[AT + 2 * plane + plane / 2] = Float.NaN;
      float[] y = new float[2];
      float[] means = new float[planes];
      float[] ends = new float[AT + 2 * planes];
      SummaryLoops.run(new Slice(x, AT), planes, plane, Slice.of(y), Slice.of(means), new Slice(ends, AT),
          Slice.of(new float[SummaryLoops.SCRATCH]));
      for (int p = 0; p < planes; p++) {
        assertEquals(Reductions.min(x, AT + p * plane, plane), ends[AT + p]);
        assertEquals(Reductions.max(x, AT + p * plane, plane), ends[AT + planes + p]);
        assertEquals((float) (Reductions.sum(x, AT + p * plane, plane) / plane), means[p]);
      }
      assertEquals(Reductions.min(x, AT, planes * plane), y[0]);
      assertEquals(Reductions.max(x, AT, planes * plane), y[1]);
    }
  }

  @Test
  void whatIsNotFiniteShowsWhereverItStands() {
    int n = 70;
    for (int i = 0; i < n; i++) {
      for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
        float[] x = PlainLoops.random(AT + n, 1);
        x[AT + i] = odd;
        float min = Reductions.min(x, AT, n);
        float max = Reductions.max(x, AT, n);
        assertArrayEquals(new float[] {min, max}, ends(x, 1, n, null), odd + " at " + i);
        assertArrayEquals(new float[] {min, max}, ends(x, 2, n / 2, new float[2]), odd + " at " + i);
      }
    }
    float[] zeros = new float[AT + n];
    zeros[AT + 50] = -0f;
    assertEquals(0, Float.floatToRawIntBits(ends(zeros, 1, n, null)[0]));
  }
}
