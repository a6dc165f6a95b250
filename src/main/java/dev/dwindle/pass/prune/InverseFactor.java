package dev.dwindle.pass.prune;

/**
 * The upper triangle {@code u} with {@code u^T u} the inverse of a symmetric matrix: its diagonal and rows say what the removal of one weight costs, and how those behind
 * it make up for it, once all before it are settled (Frantar and Alistarh, SparseGPT, 2023, section 3.3). The matrix is factored in reverse order, so that its factor needs
 * to be inverted only, not multiplied.
 */
final class InverseFactor {
  private static final int MOST_TRIES = 6;

  private InverseFactor() {}

  /**
   * Computes the triangle.
   *
   * @param moments {@code [n, n]} in a row; not changed
   * @param damping what is added to the diagonal, as a share of its mean; more where the matrix is not positive definite with that
   * @return rows of length {@code n}, zero left of the diagonal
   */
  static double[][] of(float[] moments, int n, double damping) {
    double mean = 0;
    for (int i = 0; i < n; i++) mean += moments[i * n + i] / (double) n;
    if (!Double.isFinite(mean)) throw new ArithmeticException("a moment is no number");
    double added = mean > 0 ? damping * mean : 1;
    double[][] lower = reversed(moments, n, added);
    // Sums in FLOAT may be off by more than the damping: it grows until that is made up for.
    for (int tries = 0; !factor(lower); tries++) {
      if (tries == MOST_TRIES) throw new ArithmeticException("the moments are no matrix of moments");
      added *= 10;
      lower = reversed(moments, n, added);
    }
    double[][] inverse = inverse(lower);
    double[][] upper = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k <= i; k++) upper[n - 1 - i][n - 1 - k] = inverse[i][k];
    }
    return upper;
  }

  /** The lower triangle of the matrix in reverse order, with something added to its diagonal. */
  private static double[][] reversed(float[] moments, int n, double added) {
    double[][] lower = new double[n][];
    for (int i = 0; i < n; i++) {
      lower[i] = new double[i + 1];
      int row = (n - 1 - i) * n;
      for (int k = 0; k <= i; k++) lower[i][k] = moments[row + n - 1 - k];
      lower[i][i] += added;
    }
    return lower;
  }

  /** The inverse itself; parameters as those of {@link #of}. */
  static double[][] inverse(float[] moments, int n, double damping) {
    double[][] upper = of(moments, n, damping);
    double[][] inverse = new double[n][n];
    for (double[] row : upper) {
      for (int i = 0; i < n; i++) {
        if (row[i] == 0) continue;
        for (int k = 0; k < n; k++) inverse[i][k] += row[i] * row[k];
      }
    }
    return inverse;
  }

  /** Cholesky's factor in the place of the lower triangle of a matrix, by rows: sums of products of rows, four at a time; false where the matrix is not positive definite. */
  static boolean factor(double[][] a) {
    for (int i = 0; i < a.length; i++) {
      double[] row = a[i];
      for (int k = 0; k < i; k++) row[k] = (row[k] - dot(row, a[k], k)) / a[k][k];
      double square = row[i] - dot(row, row, i);
      if (!(square > 0)) return false;
      row[i] = Math.sqrt(square);
    }
    return true;
  }

  private static double dot(double[] x, double[] y, int length) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      a += x[i] * y[i];
      b += x[i + 1] * y[i + 1];
      c += x[i + 2] * y[i + 2];
      d += x[i + 3] * y[i + 3];
    }
    for (; i < length; i++) a += x[i] * y[i];
    return a + b + (c + d);
  }

  /** The inverse of a lower triangle. */
  private static double[][] inverse(double[][] lower) {
    double[][] inverse = new double[lower.length][];
    for (int i = 0; i < lower.length; i++) {
      double[] row = new double[i + 1];
      for (int k = 0; k < i; k++) {
        double factor = lower[i][k];
        double[] other = inverse[k];
        for (int j = 0; j <= k; j++) row[j] -= factor * other[j];
      }
      for (int j = 0; j < i; j++) row[j] /= lower[i][i];
      row[i] = 1 / lower[i][i];
      inverse[i] = row;
    }
    return inverse;
  }
}
