package dev.dwindle.pass.rdoq;

import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/**
 * How the errors of weights that are settled are made up for by the next one. The second moments {@code h} of a layer's inputs are {@code m d m^T}, {@code m} upper
 * triangular with ones, so that errors {@code e} of the weights of one output cost the sum of {@code d[k] * (e[k] + sum of e[j] * m[j][k] over j < k)^2}: a weight is rounded with
 * that inner sum added (GPTQ, Frantar et al., 2022, in the form of Chee et al., QuIP, 2023, section 4).
 *
 * @param rows for each input {@code k} the factors {@code m[j][k]} of those before it in its block
 * @param variances {@code d}, what is left of each input's moment when those behind it are known
 * @param block inputs of different blocks have nothing to do with each other
 */
record Prediction(float[][] rows, float[] variances, int block) {
  /** Of an input alone. */
  static final Prediction NONE = new Prediction(new float[1][0], new float[] {1}, 1);

  /** What is added to the diagonal of moments, as a share of its mean: much, since a few samples show more likeness than there is. */
  private static final double DAMPING = 0.5;
  private static final double ASSUMED_DAMPING = 0.01;

  /** The share of the moments of a convolution's input that is the square of its mean, and how alike neighbours are. */
  private static final double SHARED = 0.3;
  private static final double NEIGHBOURS = 0.7;

  /** So many inputs at most are taken to have to do with each other without samples. */
  private static final int MOST_INPUTS = 288;

  /** Of moments {@code [n, n]} in a row, which are not changed. */
  static Prediction of(float[] moments, int n) {
    double mean = 0;
    for (int i = 0; i < n; i++) mean += moments[i * n + i] / (double) n;
    if (!Double.isFinite(mean)) throw new ArithmeticException("a moment is no number");
    double added = mean > 0 ? DAMPING * mean : 1;
    double[][] columns = new double[n][];
    for (int k = 0; k < n; k++) {
      columns[k] = new double[k + 1];
      for (int j = 0; j <= k; j++) columns[k][j] = moments[k * n + j];
      columns[k][k] += added;
    }
    return factored(columns, n);
  }

  /** From the last column to the first, what those behind it tell of it is taken away. */
  private static Prediction factored(double[][] columns, int block) {
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
    return new Prediction(rows, variances, block);
  }

  private static void subtract(double[] column, double[] other, double factor) {
    for (int j = 0; j < column.length; j++) column[j] -= factor * other[j];
  }

  /** Of what a convolution reads as pictures mostly are behind a Relu: of a common mean, and alike at neighbouring places. */
  static Prediction assumed(int inputs, Shape places) {
    int kernel = Math.toIntExact(places.size());
    int block = Math.min(inputs, Math.max(1, MOST_INPUTS / kernel) * kernel);
    double[][] columns = new double[block][];
    for (int k = 0; k < block; k++) {
      columns[k] = new double[k + 1];
      Arrays.fill(columns[k], SHARED);
      for (int j = k / kernel * kernel; j <= k; j++) {
        columns[k][j] += Math.pow(NEIGHBOURS, distance(j % kernel, k % kernel, places));
      }
      columns[k][k] += ASSUMED_DAMPING * columns[k][k];
    }
    return factored(columns, block).repeated(inputs);
  }

  private static int distance(int a, int b, Shape places) {
    int distance = 0;
    int x = a;
    int y = b;
    for (int axis = places.rank() - 1; axis >= 0; axis--) {
      int size = places.intDim(axis);
      distance += Math.abs(x % size - y % size);
      x /= size;
      y /= size;
    }
    return distance;
  }

  private Prediction repeated(int inputs) {
    float[][] all = new float[inputs][];
    float[] left = new float[inputs];
    for (int k = 0; k < inputs; k++) {
      all[k] = rows[k % block];
      left[k] = variances[k % block];
    }
    return new Prediction(all, left, block);
  }

  int inputs() {
    return rows.length;
  }

  double meanVariance() {
    double sum = 0;
    for (float variance : variances) sum += variance;
    return sum / variances.length;
  }
}
