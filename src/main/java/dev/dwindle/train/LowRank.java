package dev.dwindle.train;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The product of two thin matrices that is nearest to a matrix (Eckart and Young, 1936): {@code left} has as many
 * rows, {@code right} as many columns, and the singular values are shared between them by their square roots.
 */
record LowRank(double[] left, double[] right) {
  private static final int MAX_SWEEPS = 40;
  /** Rows whose cosine is below count as orthogonal. */
  private static final double ORTHOGONAL = 1e-10;

  /** Of a row-major matrix; {@code rank} is at most its smaller side. */
  static LowRank of(double[] matrix, int rows, int columns, int rank) {
    if (rows > columns) {
      LowRank other = of(transposed(matrix, rows, columns), columns, rows, rank);
      return new LowRank(transposed(other.right, rank, rows), transposed(other.left, columns, rank));
    }
    double[][] w = new double[rows][];
    for (int i = 0; i < rows; i++) w[i] = Arrays.copyOfRange(matrix, i * columns, (i + 1) * columns);
    orthogonalize(w);
    double[] values = Arrays.stream(w).mapToDouble(row -> Math.sqrt(dot(row, row))).toArray();
    int[] largest = IntStream.range(0, rows).boxed().sorted(Comparator.comparingDouble(i -> -values[i])).limit(rank)
        .mapToInt(Integer::intValue).toArray();
    double[] left = new double[rows * rank];
    double[] right = new double[rank * columns];
    for (int r = 0; r < rank; r++) {
      double root = Math.sqrt(values[largest[r]]);
      for (int j = 0; j < columns && root > 0; j++) right[r * columns + j] = w[largest[r]][j] / root;
      for (int i = 0; i < rows && root > 0; i++) {
        double sum = 0;
        for (int j = 0; j < columns; j++) sum += matrix[i * columns + j] * right[r * columns + j];
        left[i * rank + r] = sum / (root * root);
      }
    }
    return new LowRank(left, right);
  }

  /** Rotates rows pairwise until all are orthogonal (Hestenes, 1958): their lengths then are the singular values. */
  private static void orthogonalize(double[][] w) {
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      double[] squares = Arrays.stream(w).mapToDouble(row -> dot(row, row)).toArray();
      boolean rotated = false;
      for (int p = 0; p < w.length; p++) {
        for (int q = p + 1; q < w.length; q++) {
          double product = dot(w[p], w[q]);
          if (Math.abs(product) <= ORTHOGONAL * Math.sqrt(squares[p] * squares[q])) continue;
          double zeta = (squares[q] - squares[p]) / (2 * product);
          double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
          rotate(w[p], w[q], tangent);
          squares[p] = Math.max(0, squares[p] - tangent * product);
          squares[q] += tangent * product;
          rotated = true;
        }
      }
      if (!rotated) return;
    }
  }

  private static void rotate(double[] a, double[] b, double tangent) {
    double cosine = 1 / Math.sqrt(1 + tangent * tangent);
    double sine = cosine * tangent;
    for (int i = 0; i < a.length; i++) {
      double x = a[i];
      a[i] = cosine * x - sine * b[i];
      b[i] = sine * x + cosine * b[i];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum0 = 0;
    double sum1 = 0;
    int i = 0;
    for (; i + 1 < a.length; i += 2) {
      sum0 += a[i] * b[i];
      sum1 += a[i + 1] * b[i + 1];
    }
    return i < a.length ? sum0 + sum1 + a[i] * b[i] : sum0 + sum1;
  }

  /** The columns of a row-major matrix as rows. */
  static double[] transposed(double[] matrix, int rows, int columns) {
    double[] transposed = new double[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) transposed[j * rows + i] = matrix[i * columns + j];
    }
    return transposed;
  }
}
