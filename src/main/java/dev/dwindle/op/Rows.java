package dev.dwindle.op;

import java.util.Arrays;

/** Two strided walks side by side over one index space, row by row. */
final class Rows {
  /** Takes a row: where it begins in both walks, how both step, and how many elements it has. */
  interface Action {
    void at(long a, long stepA, long b, long stepB, long count);
  }

  private Rows() {}

  /**
   * Calls the action for each row, in row-major order, with offsets kept by addition. Axes over which both walks run
   * on evenly are one: the rows are as long as can be. A scalar is one row of one element; a space without elements
   * has no rows.
   */
  static void walk(long[] dims, long[] stridesA, long[] stridesB, Action action) {
    int kept = 0;
    long[] d = new long[dims.length];
    long[] a = new long[dims.length];
    long[] b = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0) {
        return;
      }
      if (dims[i] == 1) {
        continue;
      }
      if (kept > 0 && a[kept - 1] == dims[i] * stridesA[i] && b[kept - 1] == dims[i] * stridesB[i]) {
        d[--kept] *= dims[i];
      } else {
        d[kept] = dims[i];
      }
      a[kept] = stridesA[i];
      b[kept++] = stridesB[i];
    }
    if (kept == 0) {
      action.at(0, 1, 0, 1, 1);
    } else {
      rows(Arrays.copyOf(d, kept), a, b, action);
    }
  }

  private static void rows(long[] dims, long[] a, long[] b, Action action) {
    int last = dims.length - 1;
    long[] index = new long[last];
    long atA = 0;
    long atB = 0;
    while (true) {
      action.at(atA, a[last], atB, b[last], dims[last]);
      int axis = last - 1;
      while (axis >= 0 && ++index[axis] == dims[axis]) {
        atA -= (dims[axis] - 1) * a[axis];
        atB -= (dims[axis] - 1) * b[axis];
        index[axis--] = 0;
      }
      if (axis < 0) {
        return;
      }
      atA += a[axis];
      atB += b[axis];
    }
  }
}
