package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LowRankTest {
  private static final double[] SINGULAR = {9, 4, 4, 1, 0.25, 0};

  /** The distance is what the singular values left out say (Eckart and Young, 1936). */
  @Test
  void theProductIsTheNearest() {
    for (int columns : new int[] {6, 7, 40}) {
      double[] wide = matrix(SINGULAR.length, columns);
      double[] tall = LowRank.transposed(wide, SINGULAR.length, columns);
      for (int rank = 1; rank <= SINGULAR.length; rank++) {
        double rest = 0;
        for (int i = rank; i < SINGULAR.length; i++) rest += SINGULAR[i] * SINGULAR[i];
        assertEquals(Math.sqrt(rest), distance(wide, SINGULAR.length, columns, rank), 1e-8);
        assertEquals(Math.sqrt(rest), distance(tall, columns, SINGULAR.length, rank), 1e-8);
      }
    }
  }

  @Test
  void factorsHaveTheSameLength() {
    LowRank factors = LowRank.of(new double[] {3, 0, 0, 0, -4, 0}, 2, 3, 1);
    assertEquals(2, Math.abs(factors.left()[1]), 1e-12);
    assertEquals(2, Math.abs(factors.right()[1]), 1e-12);
    assertEquals(-4, factors.left()[1] * factors.right()[1], 1e-12);
  }

  @Test
  void ofZerosTheFactorsAreZeros() {
    LowRank factors = LowRank.of(new double[6], 3, 2, 1);
    assertArrayEquals(new double[3], factors.left());
    assertArrayEquals(new double[2], factors.right());
  }

  private static double distance(double[] matrix, int rows, int columns, int rank) {
    LowRank factors = LowRank.of(matrix, rows, columns, rank);
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double error = matrix[i * columns + j];
        for (int r = 0; r < rank; r++) error -= factors.left()[i * rank + r] * factors.right()[r * columns + j];
        sum += error * error;
      }
    }
    return Math.sqrt(sum);
  }

  /** One with these singular values: a diagonal one between two reflections. */
  private static double[] matrix(int rows, int columns) {
    double[] u = unit(rows, 1);
    double[] v = unit(columns, 2);
    double[] matrix = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < rows; k++) {
          matrix[i * columns + j] += reflection(u, i, k) * SINGULAR[k] * reflection(v, k, j);
        }
      }
    }
    return matrix;
  }

  private static double reflection(double[] unit, int i, int j) {
    return (i == j ? 1 : 0) - 2 * unit[i] * unit[j];
  }

  private static double[] unit(int size, long seed) {
    double[] unit = new Random(seed).doubles(size, -1, 1).toArray();
    double sum = 0;
    for (double x : unit) sum += x * x;
    for (int i = 0; i < size; i++) unit[i] /= Math.sqrt(sum);
    return unit;
  }
}
