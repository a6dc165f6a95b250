package dev.dwindle.pass.rdoq;

import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/**
 * The weights of a layer as whole multiples of one step.
 *
 * @param levels in the order of the weights
 * @param error of the layer's outputs, in the unit of its prediction's variances
 */
record Levels(byte[] levels, float step, double error) {
  /** Outputs that are settled together are at least so many, and more where they have few weights. */
  private static final int FEWEST = 64;
  private static final int WEIGHTS = 1 << 16;

  /**
   * Chooses the levels: for each weight, after it has made up for errors before it, that of least squared error plus {@code lambda} squared steps for each bit.
   *
   * @param size of the step, as a multiple of the root mean square of the weights; it is larger where the largest weight would not be reached otherwise
   */
  static Levels of(Matrix matrix, Prediction prediction, double size, double lambda, ForkJoinPool threads) {
    float[] numbers = matrix.numbers();
    float largest = 0;
    double squares = 0;
    for (float number : numbers) {
      largest = Math.max(largest, Math.abs(number));
      squares += (double) number * number;
    }
    if (largest == 0) return new Levels(new byte[numbers.length], 1, 0);
    float step = Math.max(largest / Rate.MOST, (float) (size * Math.sqrt(squares / numbers.length)));
    byte[] levels = new byte[numbers.length];
    Search search = new Search(matrix, prediction, Rate.nearest(numbers, step), step, lambda);
    int width = Math.max(FEWEST, WEIGHTS / matrix.inputs());
    int chunks = (matrix.outputs() + width - 1) / width;
    double[] errors = new double[chunks];
    threads.submit(() -> IntStream.range(0, chunks).parallel().forEach(chunk -> errors[chunk] = search.settle(levels,
        chunk * width, Math.min(width, matrix.outputs() - chunk * width)))).join();
    return new Levels(levels, step, Arrays.stream(errors).sum());
  }

  /** The bits of a weight where each level stands by itself. */
  double bits() {
    return Rate.bits(levels) / levels.length;
  }

  /** The weights that these levels stand for. */
  float[] numbers() {
    float[] numbers = new float[levels.length];
    for (int i = 0; i < numbers.length; i++) numbers[i] = levels[i] * step;
    return numbers;
  }

  /** The choice of levels with one step. */
  private record Search(Matrix matrix, Prediction prediction, Rate rate, float step, double lambda) {
    /** Writes the levels of outputs, input by input, and tells their error. Weights that are zero, which pruning left, stay so. */
    double settle(byte[] levels, int first, int count) {
      int inputs = prediction.inputs();
      float[][] errors = new float[inputs][count];
      float[] targets = new float[count];
      // Of all inputs in blocks before the one that is being settled.
      float[] before = new float[count];
      double mean = prediction.meanVariance();
      double error = 0;
      for (int k = 0; k < inputs; k++) {
        float[] own = errors[k];
        for (int i = 0; i < count; i++) own[i] = matrix.numbers()[matrix.at(first + i, k)];
        System.arraycopy(own, 0, targets, 0, count);
        int start = k / prediction.block() * prediction.block();
        if (k == start) {
          for (int j = k - prediction.block(); j >= 0 && j < k; j++) add(before, errors[j], 1);
        }
        add(targets, before, prediction.shared()[k]);
        add(targets, errors, start, prediction.rows()[k], k - start);
        float worth = (float) (lambda * mean / prediction.variances()[k]);
        float inverse = 1 / step;
        double squares = 0;
        for (int i = 0; i < count; i++) {
          int level = own[i] == 0 ? 0 : choose(targets[i] * inverse, worth);
          float left = targets[i] - level * step;
          squares += left * left;
          own[i] -= level * step;
          levels[matrix.at(first + i, k)] = (byte) level;
        }
        error += squares * prediction.variances()[k];
      }
      return error;
    }

    /** The level of least cost for a number of steps: the nearest, the next one towards zero, or zero. */
    private int choose(float steps, float worth) {
      int nearest = Rate.nearest(steps);
      if (nearest == 0 || worth == 0) return nearest;
      int next = nearest - Integer.signum(nearest);
      float bestCost = cost(steps, nearest, worth);
      int best = nearest;
      float cost = cost(steps, next, worth);
      if (cost < bestCost) {
        bestCost = cost;
        best = next;
      }
      return cost(steps, 0, worth) < bestCost ? 0 : best;
    }

    private float cost(float steps, int level, float worth) {
      return (steps - level) * (steps - level) + worth * rate.bits(level);
    }

    /** Adds so many rows of errors from the first on, each times its factor. */
    private static void add(float[] sums, float[][] errors, int first, float[] factors, int count) {
      int j = 0;
      for (; j + 3 < count; j += 4) {
        add(sums, errors[first + j], errors[first + j + 1], errors[first + j + 2], errors[first + j + 3], factors, j);
      }
      for (; j < count; j++) add(sums, errors[first + j], factors[j]);
    }

    private static void add(float[] sums, float[] row, float factor) {
      for (int i = 0; i < sums.length; i++) sums[i] += factor * row[i];
    }

    private static void add(float[] sums, float[] a, float[] b, float[] c, float[] d, float[] factors, int j) {
      float p = factors[j];
      float q = factors[j + 1];
      float r = factors[j + 2];
      float s = factors[j + 3];
      for (int i = 0; i < sums.length; i++) sums[i] += p * a[i] + q * b[i] + (r * c[i] + s * d[i]);
    }
  }
}
