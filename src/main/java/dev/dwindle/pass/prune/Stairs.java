package dev.dwindle.pass.prune;

/** Measured costs of models of which each has less than the one before, made to fall: one that has less costs no more, and where it seems to, that is noise. */
final class Stairs {
  private Stairs() {}

  /**
   * The costs nearest to those measured that never rise (least squares, by pooling neighbours that do: Ayer et al., An Empirical Distribution Function for Sampling with Incomplete
   * Information, 1955).
   */
  static double[] falling(double[] costs) {
    double[] means = new double[costs.length];
    int[] counts = new int[costs.length];
    int pools = 0;
    for (double cost : costs) {
      means[pools] = cost;
      counts[pools] = 1;
      while (pools > 0 && means[pools - 1] < means[pools]) {
        int both = counts[pools - 1] + counts[pools];
        means[pools - 1] = (means[pools - 1] * counts[pools - 1] + means[pools] * counts[pools]) / both;
        counts[--pools] = both;
      }
      pools++;
    }
    double[] falling = new double[costs.length];
    int at = 0;
    for (int pool = 0; pool < pools; pool++) {
      for (int i = 0; i < counts[pool]; i++) falling[at++] = means[pool];
    }
    return falling;
  }
}
