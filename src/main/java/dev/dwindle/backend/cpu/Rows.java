package dev.dwindle.backend.cpu;

import java.util.Arrays;

/**
 * Rows of two-input operators: plain loops that the compiler turns into vector code, one for each way in which the
 * inputs move along the row.
 */
final class Rows {
  private Rows() {}

  static void add(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] + b[bo + i];
      }
    } else if (stepA == 1) {
      float v = b[bo];
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] + v;
      }
    } else if (stepB == 1) {
      float v = a[ao];
      for (int i = 0; i < n; i++) {
        y[yo + i] = v + b[bo + i];
      }
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] + b[bo]);
    }
  }

  static void subtract(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] - b[bo + i];
      }
    } else if (stepA == 1) {
      float v = b[bo];
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] - v;
      }
    } else if (stepB == 1) {
      float v = a[ao];
      for (int i = 0; i < n; i++) {
        y[yo + i] = v - b[bo + i];
      }
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] - b[bo]);
    }
  }

  static void multiply(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] * b[bo + i];
      }
    } else if (stepA == 1) {
      float v = b[bo];
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] * v;
      }
    } else if (stepB == 1) {
      float v = a[ao];
      for (int i = 0; i < n; i++) {
        y[yo + i] = v * b[bo + i];
      }
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] * b[bo]);
    }
  }

  static void divide(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 1) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] / b[bo + i];
      }
    } else if (stepA == 1) {
      float v = b[bo];
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] / v;
      }
    } else if (stepB == 1) {
      float v = a[ao];
      for (int i = 0; i < n; i++) {
        y[yo + i] = v / b[bo + i];
      }
    } else {
      Arrays.fill(y, yo, yo + n, a[ao] / b[bo]);
    }
  }

  static void min(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i * stepA], b[bo + i * stepB]);
    }
  }

  static void max(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i * stepA], b[bo + i * stepB]);
    }
  }

  static void power(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n) {
    if (stepA == 1 && stepB == 0 && b[bo] == 2) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = a[ao + i] * a[ao + i];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.pow(a[ao + i * stepA], b[bo + i * stepB]);
    }
  }
}
