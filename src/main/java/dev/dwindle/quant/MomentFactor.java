package dev.dwindle.quant;

import java.util.Arrays;

/**
 * Second moments {@code h} of a layer's inputs as {@code m d m^T}, {@code m} upper triangular with ones: errors {@code e} of the weights of one output cost the sum of
 * {@code d[k] * (e[k] + sum of e[j] * m[j][k] over j < k)^2}, so that each weight can make up for the errors of those before it (GPTQ, Frantar et al., 2022, in the form of Chee
 * et al., QuIP, 2023, section 4).
 *
 * @param rows for each input {@code k} the factors {@code m[j][k]} of those before it
 * @param variances {@code d}, what is left of each input's moment when those behind it are known
 */
public record MomentFactor(float[][] rows, float[] variances) {
  /**
   * Factors a matrix, from the last column to the first: what those behind a column tell of it is taken away.
   *
   * @param columns the upper triangle, {@code k + 1} numbers in column {@code k}; it is changed
   * @throws ArithmeticException where the matrix is not positive definite
   */
  public static MomentFactor of(double[][] columns) {
    int n = columns.length;
    float[][] rows = new float[n][];
    float[] variances = new float[n];
    for (int k = n - 1; k >= 0; k--) {
      double[] column = columns[k];
      for (int m = k + 1; m < n; m++) {
        subtract(column, columns[m], columns[m][k] * variances[m]);
      }
      if (!(column[k] > 0)) throw new ArithmeticException("the moments are not positive definite");
      variances[k] = (float) column[k];
      rows[k] = new float[k];
      for (int j = 0; j < k; j++) {
        column[j] /= column[k];
        rows[k][j] = (float) column[j];
      }
    }
    return new MomentFactor(rows, variances);
  }

  private static void subtract(double[] column, double[] other, double factor) {
    for (int j = 0; j < column.length; j++) column[j] -= factor * other[j];
  }

  /**
   * Factors moments with something added to their diagonal.
   *
   * @param moments {@code [n, n]} in a row, which are not changed
   * @param order which input comes first, second, ...; null for the order in which they stand
   * @param damping what is added, as a share of the diagonal's mean
   * @throws ArithmeticException where a moment is no number, or the matrix is not positive definite
   */
  public static MomentFactor of(float[] moments, int n, int[] order, double damping) {
    double mean = 0;
    for (int i = 0; i < n; i++) mean += moments[i * n + i] / (double) n;
    if (!Double.isFinite(mean)) throw new ArithmeticException("a moment is no number");
    double added = mean > 0 ? damping * mean : 1;
    double[][] columns = new double[n][];
    for (int k = 0; k < n; k++) {
      int from = (order == null ? k : order[k]) * n;
      columns[k] = new double[k + 1];
      for (int j = 0; j <= k; j++) columns[k][j] = moments[from + (order == null ? j : order[j])];
      columns[k][k] += added;
    }
    return of(columns);
  }

  /** The inputs from the one with the largest moment to that with the smallest: what errs early is made up for by all that follow. */
  public static int[] largestFirst(float[] moments, int n) {
    Integer[] order = new Integer[n];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Float.compare(moments[b * n + b], moments[a * n + a]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
