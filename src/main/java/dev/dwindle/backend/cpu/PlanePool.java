package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.BinaryLoops;
import dev.dwindle.backend.cpu.kernel.Reductions;
import dev.dwindle.backend.cpu.kernel.UnaryLoops;
import dev.dwindle.op.WindowGeometry;
import java.util.Arrays;

/**
 * Reduces the windows of one plane at a time: first the rows of a window into one row with its padding, then that row's
 * columns, taken apart by the stride so that the inner loops read neighbouring floats.
 */
final class PlanePool {
  private final boolean max;
  private final boolean countPadding;
  private final WindowGeometry window;
  private final int stride;
  private final int width;
  private final int phase;

  PlanePool(boolean max, boolean countPadding, WindowGeometry window) {
    this.max = max;
    this.countPadding = countPadding;
    this.window = window;
    stride = window.strides()[1];
    int reach = (window.output()[1] - 1) * stride + (window.kernel()[1] - 1) * window.dilations()[1] + 1;
    width = Math.max(reach, window.padBegin()[1] + window.input()[1]);
    phase = width / stride + 1;
  }

  /** Floats of scratch. */
  int local() {
    return width + phase * stride;
  }

  static void global(boolean max, float[] x, int xo, int planes, int plane, float[] y, int yo) {
    for (int p = 0; p < planes; p++) {
      int from = xo + p * plane;
      y[yo + p] = max ? Reductions.max(x, from, plane) : (float) (Reductions.sum(x, from, plane) / plane);
    }
  }

  /** Reduces one plane. */
  void run(float[] x, int xo, float[] y, int yo, float[] local) {
    int columns = window.output()[1];
    for (int row = 0; row < window.output()[0]; row++) {
      Arrays.fill(local, 0, width, max ? Float.NEGATIVE_INFINITY : 0);
      for (int ky = 0; ky < window.kernel()[0]; ky++) {
        int source = row * window.strides()[0] - window.padBegin()[0] + ky * window.dilations()[0];
        if (source >= 0 && source < window.input()[0]) {
          join(x, xo + source * window.input()[1], local, window.padBegin()[1], window.input()[1]);
        }
      }
      columns(local, y, yo + row * columns, columns);
      if (!max) {
        divide(row, y, yo + row * columns);
      }
    }
  }

  private void columns(float[] local, float[] y, int target, int columns) {
    int base = 0;
    if (stride > 1) {
      base = width;
      takeApart(local);
    }
    for (int kx = 0; kx < window.kernel()[1]; kx++) {
      int shift = kx * window.dilations()[1];
      int from = base + (stride > 1 ? shift % stride * phase + shift / stride : shift);
      if (kx == 0) {
        System.arraycopy(local, from, y, target, columns);
      } else {
        join(local, from, y, target, columns);
      }
    }
  }

  /** Puts every stride-th float side by side. */
  private void takeApart(float[] local) {
    for (int p = 0; p < stride; p++) {
      int to = width + p * phase;
      int count = (width - p + stride - 1) / stride;
      if (stride == 2) {
        UnaryLoops.everySecond(local, p, local, to, count);
        continue;
      }
      for (int i = 0; i < count; i++) {
        local[to + i] = local[p + i * stride];
      }
    }
  }

  private void join(float[] x, int from, float[] y, int target, int n) {
    if (max) {
      BinaryLoops.max(y, target, x, from, y, target, n);
    } else {
      BinaryLoops.add(y, target, x, from, y, target, n);
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
