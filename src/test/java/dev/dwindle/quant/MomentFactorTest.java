package dev.dwindle.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MomentFactorTest {
  /** Moments of rows in which inputs have much to do with each other. */
  private static float[] moments(int n, long seed) {
    Random random = new Random(seed);
    float[] moments = new float[n * n];
    for (int row = 0; row < 4 * n; row++) {
      double common = random.nextGaussian();
      double[] x = new double[n];
      for (int i = 0; i < n; i++) x[i] = (1 + i % 3) * (common + 0.3 * random.nextGaussian());
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) moments[i * n + k] += (float) (x[i] * x[k]);
      }
    }
    return moments;
  }

  private static double cost(double[] errors, float[] moments) {
    double cost = 0;
    for (int i = 0; i < errors.length; i++) {
      for (int k = 0; k < errors.length; k++) cost += errors[i] * errors[k] * moments[i * errors.length + k];
    }
    return cost;
  }

  @Test
  void theFactorsMultiplyToTheMomentsInTheOrderThatWasAskedFor() {
    int n = 5;
    float[] moments = moments(n, 1);
    int[] order = MomentFactor.largestFirst(moments, n);
    for (int i = 1; i < n; i++) {
      assertTrue(moments[order[i - 1] * n + order[i - 1]] >= moments[order[i] * n + order[i]]);
    }
    MomentFactor factor = MomentFactor.of(moments, n, order, 0.01);
    double mean = 0;
    for (int i = 0; i < n; i++) mean += moments[i * n + i] / n;
    for (int j = 0; j < n; j++) {
      for (int k = j; k < n; k++) {
        double sum = 0;
        for (int m = k; m < n; m++) {
          double a = j == m ? 1 : factor.rows()[m][j];
          double b = k == m ? 1 : factor.rows()[m][k];
          sum += a * b * factor.variances()[m];
        }
        double expected = moments[order[j] * n + order[k]] + (j == k ? 0.01 * mean : 0);
        assertEquals(expected, sum, 1e-4 * mean);
      }
    }
  }

  @Test
  void whatIsNoMatrixOfMomentsIsRefused() {
    float[] negative = {1, 3, 3, 1};
    assertThrows(ArithmeticException.class, () -> MomentFactor.of(negative, 2, null, 0.01));
    float[] none = {Float.NaN, 0, 0, 1};
    assertThrows(ArithmeticException.class, () -> MomentFactor.of(none, 2, null, 0.01));
  }

  /** Of every layout the same integers, nearer to what the layer gave than nearest are. */
  @Test
  void weightsMakeUpForEachOthersErrors() {
    int inputs = 9;
    int outputs = 4;
    double[] sums = new double[2];
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      float[] standing = new float[outputs * inputs];
      float[] lying = new float[standing.length];
      for (int i = 0; i < standing.length; i++) {
        standing[i] = (float) random.nextGaussian();
        lying[i % inputs * outputs + i / inputs] = standing[i];
      }
      float[] moments = moments(inputs, seed);
      RoundingOrder rounding = RoundingOrder.of(moments, inputs);
      Shape shape = Shape.of(outputs, inputs);
      float[] scales = QuantizedWeights.scales(standing, shape, 0, 4);
      QuantizedWeights nearest = QuantizedWeights.of(standing, shape, 0, scales, 4);
      QuantizedWeights rows = QuantizedWeights.compensated(standing, shape, 0, scales, 4,
          new LayerInputs(0, List.of(rounding)));
      QuantizedWeights columns = QuantizedWeights.compensated(lying, Shape.of(inputs, outputs), 1, scales, 4,
          new LayerInputs(1, List.of(rounding)));
      QuantizedWeights groups = QuantizedWeights.compensated(standing, shape, 0, scales, 4,
          new LayerInputs(0, List.of(rounding, rounding)));
      assertArrayEquals(rows.values().bytes(), groups.values().bytes());
      for (int o = 0; o < outputs; o++) {
        double[][] errors = new double[2][inputs];
        for (int i = 0; i < inputs; i++) {
          byte q = rows.values().bytes()[o * inputs + i];
          assertEquals(q, columns.values().bytes()[i * outputs + o]);
          assertTrue(Math.abs(q) <= 7);
          errors[0][i] = standing[o * inputs + i] - q * scales[o];
          errors[1][i] = standing[o * inputs + i] - nearest.values().bytes()[o * inputs + i] * scales[o];
        }
        for (int way = 0; way < 2; way++) sums[way] += cost(errors[way], moments);
      }
    }
    assertTrue(sums[0] < 0.5 * sums[1], sums[0] + " instead of " + sums[1]);
  }
}
