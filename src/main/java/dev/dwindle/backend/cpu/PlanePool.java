package dev.dwindle.backend.cpu;

import dev.dwindle.op.WindowGeometry;
import java.util.Arrays;

/** Reduces the windows of one plane at a time, tap by tap along rows, so that the inner loops are vector code. */
final class PlanePool {
  private final boolean max;
  private final boolean countPadding;
  private final WindowGeometry window;

  PlanePool(boolean max, boolean countPadding, WindowGeometry window) {
    this.max = max;
    this.countPadding = countPadding;
    this.window = window;
  }

  static void global(boolean max, float[] x, int xo, int planes, int plane, float[] y, int yo) {
    for (int p = 0; p < planes; p++) {
      int from = xo + p * plane;
      float result = x[from];
      double sum = 0;
      for (int i = from; i < from + plane; i++) {
        sum += x[i];
        result = Math.max(result, x[i]);
      }
      y[yo + p] = max ? result : (float) (sum / plane);
    }
  }

  /** Reduces one plane. */
  void run(float[] x, int xo, float[] y, int yo) {
    int columns = window.output()[1];
    Arrays.fill(y, yo, yo + window.outputSize(), max ? Float.NEGATIVE_INFINITY : 0);
    for (int row = 0; row < window.output()[0]; row++) {
      int target = yo + row * columns;
      for (int ky = 0; ky < window.kernel()[0]; ky++) {
        int source = row * window.strides()[0] - window.padBegin()[0] + ky * window.dilations()[0];
        if (source >= 0 && source < window.input()[0]) {
          addRow(x, xo + source * window.input()[1], y, target);
        }
      }
      if (!max) {
        divide(row, y, target);
      }
    }
  }

  private void addRow(float[] x, int from, float[] y, int target) {
    int stride = window.strides()[1];
    for (int kx = 0; kx < window.kernel()[1]; kx++) {
      int shift = kx * window.dilations()[1] - window.padBegin()[1];
      int first = shift >= 0 ? 0 : (stride - 1 - shift) / stride;
      int end = Math.min(window.output()[1], Math.floorDiv(window.input()[1] - 1 - shift, stride) + 1);
      if (max) {
        maxRow(x, from + shift, stride, y, target, first, end);
      } else {
        sumRow(x, from + shift, stride, y, target, first, end);
      }
    }
  }

  private static void maxRow(float[] x, int from, int stride, float[] y, int target, int first, int end) {
    for (int i = first; i < end; i++) {
      y[target + i] = Math.max(y[target + i], x[from + i * stride]);
    }
  }

  private static void sumRow(float[] x, int from, int stride, float[] y, int target, int first, int end) {
    for (int i = first; i < end; i++) {
      y[target + i] += x[from + i * stride];
    }
  }

  private void divide(int row, float[] y, int target) {
    int rows = count(row, 0);
    for (int column = 0; column < window.output()[1]; column++) {
      y[target + column] /= rows * count(column, 1);
    }
  }

  /** Taps along an axis that count at an output position: those on the input, or also those on the padding. */
  private int count(int position, int axis) {
    int start = position * window.strides()[axis] - window.padBegin()[axis];
    int low = countPadding ? -window.padBegin()[axis] : 0;
    int high = window.input()[axis] + (countPadding ? window.padEnd()[axis] : 0);
    int count = 0;
    for (int k = 0; k < window.kernel()[axis]; k++) {
      int at = start + k * window.dilations()[axis];
      count += at >= low && at < high ? 1 : 0;
    }
    return count;
  }
}
