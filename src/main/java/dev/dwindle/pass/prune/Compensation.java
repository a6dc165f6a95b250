package dev.dwindle.pass.prune;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Value;
import java.util.stream.IntStream;

/**
 * Weights of a layer whose inputs become fewer, changed so that its outputs are nearest to what they were (least squares: He et al., Channel Pruning for Accelerating Very Deep
 * Neural Networks, 2017, equation 4).
 */
final class Compensation {
  private Compensation() {}

  /**
   * Changes the weights of the inputs that stay, and sets the others to zero.
   *
   * @param moments of the inputs, {@code [inputs, inputs]} in a row
   * @param gone by input, whether it goes
   */
  static void apply(Weights weights, float[] moments, boolean[] gone) {
    int inputs = weights.inputs();
    int[] kept = IntStream.range(0, inputs).filter(i -> !gone[i]).toArray();
    int[] lost = IntStream.range(0, inputs).filter(i -> gone[i]).toArray();
    float[] among = new float[kept.length * kept.length];
    for (int i = 0; i < kept.length; i++) {
      for (int k = 0; k < kept.length; k++) among[i * kept.length + k] = moments[kept[i] * inputs + kept[k]];
    }
    double[][] factor = InverseFactor.of(among, kept.length, Reconstruction.DAMPING);
    for (int output = 0; output < weights.outputs(); output++) {
      double[] row = weights.row(output);
      double[] missing = new double[kept.length];
      for (int l : lost) {
        for (int i = 0; i < kept.length; i++) missing[i] += row[l] * moments[l * inputs + kept[i]];
        row[l] = 0;
      }
      double[] added = solve(factor, missing);
      for (int i = 0; i < kept.length; i++) row[kept[i]] += added[i];
      weights.set(output, row);
    }
    Value weight = weights.operand().weight();
    weight.graph().setConstant(weight, Constant.of(weights.pruned()));
  }

  /** The product of a vector and the inverse of which {@code upper^T upper} is made. */
  private static double[] solve(double[][] upper, double[] vector) {
    int n = vector.length;
    double[] result = new double[n];
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int k = i; k < n; k++) sum += upper[i][k] * vector[k];
      for (int k = i; k < n && sum != 0; k++) result[k] += sum * upper[i][k];
    }
    return result;
  }
}
