package dev.dwindle.pass.rdoq;

import dev.dwindle.quant.MomentFactor;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/**
 * How the errors of weights that are settled are made up for by the next one, by the second moments of the layer's inputs as a {@link MomentFactor} holds them.
 *
 * @param rows for each input {@code k} the factors {@code m[j][k]} of those before it in its block
 * @param shared for each input the factor of all those in blocks before its own
 * @param variances {@code d}, what is left of each input's moment when those behind it are known
 * @param block so many inputs in a row have to do with each other in ways of their own
 */
record Prediction(float[][] rows, float[] shared, float[] variances, int block) {
  /** Of an input alone. */
  static final Prediction NONE = new Prediction(new float[1][0], new float[1], new float[] {1}, 1);

  /** What is added to the diagonal of moments, as a share of its mean: much, since a few samples show more likeness than there is. */
  private static final double DAMPING = 0.5;
  private static final double ASSUMED_DAMPING = 0.01;

  /** The share of the moments of a convolution's input that is the square of its mean, and how alike neighbours are. */
  private static final double SHARED = 0.3;
  private static final double NEIGHBOURS = 0.7;

  /** Of moments {@code [n, n]} in a row, which are not changed. */
  static Prediction of(float[] moments, int n) {
    return of(MomentFactor.of(moments, n, null, DAMPING));
  }

  private static Prediction of(MomentFactor factor) {
    int n = factor.rows().length;
    return new Prediction(factor.rows(), new float[n], factor.variances(), n);
  }

  /**
   * Of what a convolution reads as pictures mostly are behind a Relu: of a common mean, and alike at neighbouring places. Channels have to do with each other by that mean alone:
   * how much it still varies when the channels behind one are known is all that these tell of it.
   */
  static Prediction assumed(int inputs, Shape places) {
    int kernel = Math.toIntExact(places.size());
    float[][] rows = new float[inputs][];
    float[] shared = new float[inputs];
    float[] variances = new float[inputs];
    double varies = SHARED;
    for (int first = inputs - kernel; first >= 0; first -= kernel) {
      // The common mean comes before the places of the channel.
      Prediction channel = of(MomentFactor.of(channel(places, varies)));
      for (int k = 0; k < kernel; k++) {
        float[] row = channel.rows[k + 1];
        rows[first + k] = Arrays.copyOfRange(row, 1, k + 1);
        shared[first + k] = row[0];
        variances[first + k] = channel.variances[k + 1];
      }
      varies = channel.variances[0];
    }
    return new Prediction(rows, shared, variances, kernel);
  }

  private static double[][] channel(Shape places, double varies) {
    int kernel = Math.toIntExact(places.size());
    double[][] columns = new double[kernel + 1][];
    columns[0] = new double[] {varies};
    for (int k = 0; k < kernel; k++) {
      double[] column = columns[k + 1] = new double[k + 2];
      Arrays.fill(column, varies);
      for (int j = 0; j <= k; j++) column[j + 1] += Math.pow(NEIGHBOURS, distance(j, k, places));
      column[k + 1] += ASSUMED_DAMPING * (1 + SHARED);
    }
    return columns;
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

  int inputs() {
    return rows.length;
  }

  double meanVariance() {
    double sum = 0;
    for (float variance : variances) sum += variance;
    return sum / variances.length;
  }
}
