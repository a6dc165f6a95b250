package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DirectPoolTest {
  private static final int BEFORE = 3;

  @Test
  void reducesSquaresOfTwo() {
    for (int rows : new int[] {2, 3, 8, 28, 33}) {
      for (int columns : new int[] {2, 5, 10, 28, 32, 67}) {
        check(new Window(Window.Axis.of(rows, 2, 2, 1, 0, 0), Window.Axis.of(columns, 2, 2, 1, 0, 0)));
      }
    }
  }

  @Test
  void reducesFewWindowsOfAnySize() {
    check(new Window(Window.Axis.of(14, 3, 3, 1, 0, 0), Window.Axis.of(14, 3, 3, 1, 0, 0)));
    check(new Window(Window.Axis.of(9, 4, 1, 1, 0, 0), Window.Axis.of(7, 2, 2, 1, 0, 0)));
    check(new Window(Window.Axis.ONE, Window.Axis.of(15, 3, 2, 1, 0, 0)));
  }

  @Test
  void leavesWindowsThatReachBeyondThePlane() {
    Window.Axis two = Window.Axis.of(8, 2, 2, 1, 0, 0);
    assertTrue(DirectPool.pays(new Window(two, two)));
    assertFalse(DirectPool.pays(new Window(two, Window.Axis.of(8, 2, 2, 1, 1, 0))));
    assertFalse(DirectPool.pays(new Window(new Window.Axis(7, 2, 2, 1, 0, 0, 4), two)));
    assertFalse(DirectPool.pays(new Window(two, Window.Axis.of(8, 2, 1, 2, 0, 0))));
  }

  private static void check(Window window) {
    assertTrue(DirectPool.pays(window), window::toString);
    for (boolean max : new boolean[] {true, false}) {
      float[] x = PlainLoops.random(BEFORE + window.inPlane(), 1);
      x[BEFORE + window.inPlane() / 2] = Float.NaN;
      float[] y = new float[BEFORE + window.outPlane() + 1];
      new DirectPool(max, window).run(x, BEFORE, y, BEFORE);
      for (int o = 0; o < window.outPlane(); o++) {
        assertEquals(plain(max, window, x, o), y[BEFORE + o], 1e-6f, window + ", output " + o);
      }
      assertEquals(0, y[BEFORE - 1]);
      assertEquals(0, y[BEFORE + window.outPlane()]);
    }
  }

  private static float plain(boolean max, Window window, float[] x, int o) {
    int row = o / window.width().out() * window.height().stride();
    int column = o % window.width().out() * window.width().stride();
    float most = Float.NEGATIVE_INFINITY;
    float sum = 0;
    for (int t = 0; t < window.taps(); t++) {
      int i = row + t / window.width().kernel();
      float v = x[BEFORE + i * window.width().in() + column + t % window.width().kernel()];
      most = Math.max(most, v);
      sum += v;
    }
    return max ? most : sum / window.taps();
  }
}
