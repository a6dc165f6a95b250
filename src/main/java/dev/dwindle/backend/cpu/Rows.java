package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.BinaryLoops;
import dev.dwindle.backend.cpu.kernel.UnaryLoops;
import java.util.Arrays;

/** Rows of two-input operators, along which each input moves (step 1) or stands still (step 0). */
final class Rows {
  private Rows() {}

  static void add(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      BinaryLoops.add(a, ao, b, bo, y, yo, n);
    } else if (stepA == 1) {
      BinaryLoops.add(a, ao, b[bo], y, yo, n);
    } else if (stepB == 1) {
      BinaryLoops.add(b, bo, a[ao], y, yo, n);
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] + b[bo]);
    }
  }

  static void subtract(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      BinaryLoops.subtract(a, ao, b, bo, y, yo, n);
    } else if (stepA == 1) {
      BinaryLoops.add(a, ao, -b[bo], y, yo, n);
    } else if (stepB == 1) {
      BinaryLoops.subtractFrom(b, bo, a[ao], y, yo, n);
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] - b[bo]);
    }
  }

  static void multiply(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      BinaryLoops.multiply(a, ao, b, bo, y, yo, n);
    } else if (stepA == 1) {
      BinaryLoops.multiply(a, ao, b[bo], y, yo, n);
    } else if (stepB == 1) {
      BinaryLoops.multiply(b, bo, a[ao], y, yo, n);
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] * b[bo]);
    }
  }

  static void divide(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      BinaryLoops.divide(a, ao, b, bo, y, yo, n);
    } else if (stepA == 1) {
      BinaryLoops.divide(a, ao, b[bo], y, yo, n);
    } else if (stepB == 1) {
      BinaryLoops.divideInto(b, bo, a[ao], y, yo, n);
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] / b[bo]);
    }
  }

  static void min(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      BinaryLoops.min(a, ao, b, bo, y, yo, n);
    } else if (stepA == 1) {
      BinaryLoops.min(a, ao, b[bo], y, yo, n);
    } else if (stepB == 1) {
      BinaryLoops.min(b, bo, a[ao], y, yo, n);
    } else {
      Arrays.fill(y, yo, yo + n, Math.min(a[ao], b[bo]));
    }
  }

  static void max(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      BinaryLoops.max(a, ao, b, bo, y, yo, n);
    } else if (stepA == 1) {
      BinaryLoops.max(a, ao, b[bo], y, yo, n);
    } else if (stepB == 1) {
      BinaryLoops.max(b, bo, a[ao], y, yo, n);
    } else {
      Arrays.fill(y, yo, yo + n, Math.max(a[ao], b[bo]));
    }
  }

  static void power(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 0 && b[bo] == 2) {
      UnaryLoops.square(a, ao, y, yo, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.pow(a[ao + i * stepA], b[bo + i * stepB]);
    }
  }
}
