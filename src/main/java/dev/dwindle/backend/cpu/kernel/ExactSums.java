package dev.dwindle.backend.cpu.kernel;

import java.util.List;

/**
 * 32-bit integer sums of 8-bit products, computed by floating-point kernels. Products of two differences of bytes are
 * at most 255 * 255, and a float holds every integer up to 2^24, so sums over few enough terms are exact in any order;
 * longer sums are cut into parts that are added as integers. Java has no integer dot product that would be faster.
 */
final class ExactSums {
  /** Largest magnitude up to which a float holds every integer. */
  private static final int EXACT = 1 << 24;

  private static final int LARGEST = 255;

  /** Results that one piece of work converts. */
  private static final int PIECE = 1 << 14;

  private ExactSums() {}

  /** Whether sums of {@code terms} arbitrary products are exact. */
  static boolean exact(int terms) {
    return (long) terms * LARGEST * LARGEST <= EXACT;
  }

  /**
   * Whether sums with known weights are exact when each is cut after every {@code terms} terms.
   *
   * @param weights {@code rows} rows of {@code depth} terms, element (row, k) at {@code row * rowStride + k * step}
   */
  static boolean exact(float[] weights, int rows, int rowStride, int depth, int step, int terms) {
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int k = 0; k < depth; k++) {
        sum = (k % terms == 0 ? 0 : sum) + Math.abs(weights[row * rowStride + k * step]);
        if (sum * LARGEST > EXACT) {
          return false;
        }
      }
    }
    return true;
  }

  /** Runs the parts, each of which leaves its sums in {@code floats}, and adds them up in {@code result}. */
  static Step add(List<Step> parts, Slice floats, IntSlice result, int n) {
    int pieces = (n + PIECE - 1) / PIECE;
    Workers.Task first = (piece, local) -> convert(piece, floats, result, n, false);
    Workers.Task next = (piece, local) -> convert(piece, floats, result, n, true);
    return workers -> {
      for (int i = 0; i < parts.size(); i++) {
        parts.get(i).run(workers);
        workers.run(pieces, i == 0 ? first : next);
      }
    };
  }

  private static void convert(int piece, Slice floats, IntSlice result, int n, boolean add) {
    int from = piece * PIECE;
    int count = Math.min(PIECE, n - from);
    float[] x = floats.array();
    int xo = floats.offset() + from;
    int[] y = result.array();
    int yo = result.offset() + from;
    if (add) {
      for (int i = 0; i < count; i++) {
        y[yo + i] += (int) x[xo + i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        y[yo + i] = (int) x[xo + i];
      }
    }
  }
}
