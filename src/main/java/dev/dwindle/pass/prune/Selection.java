package dev.dwindle.pass.prune;

import java.util.Arrays;
import java.util.List;

/** Which blocks of weights become zero, so that a share of all weights is zero. */
record Selection(String scope, double sparsity) {
  void drop(List<Weights> all) {
    if (scope.equals("layer")) all.forEach(weights -> drop(List.of(weights), false));
    else
      drop(all, scope.equals("adaptive"));
  }

  /** The share of each layer's weights that becomes zero. */
  double[] shares(List<Weights> all) {
    double[] shares = new double[all.size()];
    Arrays.fill(shares, sparsity);
    if (scope.equals("layer")) return shares;
    boolean[][] dropped = chosen(all, scope.equals("adaptive"));
    for (int i = 0; i < shares.length; i++) {
      long gone = 0;
      for (int block = 0; block < dropped[i].length; block++) gone += dropped[i][block] ? all.get(i).size(block) : 0;
      shares[i] = (double) gone / all.get(i).count();
    }
    return shares;
  }

  private void drop(List<Weights> all, boolean adaptive) {
    boolean[][] dropped = chosen(all, adaptive);
    for (int i = 0; i < all.size(); i++) all.get(i).drop(dropped[i]);
  }

  /** The least first, until the share is reached; of equal ones those that stand first. */
  private boolean[][] chosen(List<Weights> all, boolean adaptive) {
    double[][] scores = all.stream().map(weights -> adaptive ? adapted(weights) : weights.scores())
        .toArray(double[][]::new);
    boolean[][] dropped = Arrays.stream(scores).map(own -> new boolean[own.length]).toArray(boolean[][]::new);
    int[] starts = new int[all.size() + 1];
    for (int i = 0; i < all.size(); i++) starts[i + 1] = Math.addExact(starts[i], scores[i].length);
    long left = Math.round(sparsity * all.stream().mapToLong(Weights::count).sum());
    for (long key : ascending(scores, starts)) {
      int at = Arrays.binarySearch(starts, (int) key);
      int layer = at >= 0 ? at : -at - 2;
      int block = (int) key - starts[layer];
      int size = all.get(layer).size(block);
      // The largest has all of what is left of its layer: it stays.
      if (adaptive && scores[layer][block] >= 1) continue;
      if (size > left) break;
      dropped[layer][block] = true;
      left -= size;
    }
    return dropped;
  }

  /** The places of scores, in the lower halves, in the order of the scores as floats: those of numbers that are not negative ascend with their bits. */
  private static long[] ascending(double[][] scores, int[] starts) {
    long[] keys = new long[starts[scores.length]];
    for (int i = 0; i < scores.length; i++) {
      for (int k = 0; k < scores[i].length; k++) {
        keys[starts[i] + k] = (long) Float.floatToRawIntBits((float) scores[i][k]) << 32 | starts[i] + k;
      }
    }
    Arrays.parallelSort(keys);
    return keys;
  }

  /**
   * The square of a weight as a share of the squares of those of its layer that are not smaller (Lee et al., Layer-adaptive Sparsity for the Magnitude-based Pruning, 2021):
   * no layer is emptied, since its last weight has all of the share.
   */
  private static double[] adapted(Weights weights) {
    double[] scores = weights.scores();
    long[] keys = ascending(new double[][] {scores}, new int[] {0, scores.length});
    double[] adapted = new double[scores.length];
    double rest = 0;
    for (int i = keys.length - 1; i >= 0; i--) {
      int block = (int) keys[i];
      double square = scores[block] * weights.size(block);
      rest += square;
      adapted[block] = rest == 0 ? 0 : square / rest;
    }
    return adapted;
  }
}
