package dev.dwindle.quant;

import java.util.Arrays;

/**
 * One-dimensional k-means: so many values that a set of numbers is best replaced by, in the sum of squared errors. On a line the clusters are runs of the sorted
 * numbers, and the best division is found exactly by dynamic programming (Wang and Song, 2011), in time {@code k n log n} since the last cut never moves back as numbers
 * are added (Wu, 1991). Of very many numbers those that agree in their first twelve digits in base two go together, by their sums; where cuts are tried at some of the
 * places between them, they move on from the best to where no number gains by changing its cluster (Lloyd, 1982).
 */
final class Clusters {
  /** Of more numbers than this sums in bins are taken. */
  private static final int MOST_SORTED = 1 << 16;
  /** Bins have the sign, the exponent and eleven bits of the mantissa in common. */
  private static final int BIN_SHIFT = 12;
  private static final int BINS = 1 << 32 - BIN_SHIFT;
  /** Clusters times points that dynamic programming goes over at most. */
  private static final int MOST_WORK = 1 << 22;
  private static final int FEWEST_POINTS = 1 << 12;
  private static final int MOST_STEPS = 50;
  /** Of places to cut at, in the mean of all points. */
  private static final double MOST_SHARE = 4;
  private static final double LEAST_SHARE = 0.01;

  /** Where clusters begin. */
  enum Start {
    /** By dynamic programming. */
    EXACT,
    /** At equal distances from the least to the greatest number (Han et al., 2016, section 3.2). */
    LINEAR,
    /** At equal shares of the numbers. */
    DENSITY
  }

  /** Points in ascending order: numbers, or bins of them. Sums up to each point. */
  private final double[] weights;
  private final double[] sums;
  private final double[] squares;
  private final int points;

  private Clusters(double[] weight, double[] sum, double[] square, int points) {
    this.points = points;
    weights = running(weight, points);
    sums = running(sum, points);
    squares = running(square, points);
  }

  private static double[] running(double[] each, int count) {
    double[] all = new double[count + 1];
    for (int i = 0; i < count; i++) all[i + 1] = all[i] + each[i];
    return all;
  }

  /**
   * The values, ascending and different, at most so many; where there are no more different numbers, these.
   *
   * @param values finite
   * @param most at least 1
   */
  static float[] of(float[] values, int most, Start start) {
    if (values.length == 0) return new float[0];
    Clusters fine = values.length <= MOST_SORTED ? sorted(values) : binned(values);
    if (fine.points <= most && values.length <= MOST_SORTED) return fine.means(fine.each());
    int count = Math.min(most, fine.points);
    int[] cuts = switch (start) {
      case EXACT -> fine.best(count);
      case LINEAR -> fine.linear(count);
      case DENSITY -> fine.density(count);
    };
    return fine.means(fine.settled(cuts));
  }

  private static Clusters sorted(float[] values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    double[] weight = new double[sorted.length];
    double[] sum = new double[sorted.length];
    double[] square = new double[sorted.length];
    int points = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) points++;
      weight[points - 1]++;
      sum[points - 1] += sorted[i];
      square[points - 1] += (double) sorted[i] * sorted[i];
    }
    return new Clusters(weight, sum, square, points);
  }

  /** In bins that are as wide as the numbers in them are large: one that is far from all others makes them no coarser. */
  private static Clusters binned(float[] values) {
    double[] weight = new double[BINS];
    double[] sum = new double[BINS];
    double[] square = new double[BINS];
    for (float value : values) {
      int bits = Float.floatToRawIntBits(value);
      // In the order of the numbers: of negative ones all bits are turned, of others the sign.
      int bin = (bits ^ (bits >> 31 | Integer.MIN_VALUE)) >>> BIN_SHIFT;
      weight[bin]++;
      sum[bin] += value;
      square[bin] += (double) value * value;
    }
    int points = 0;
    for (int i = 0; i < BINS; i++) {
      if (weight[i] == 0) continue;
      weight[points] = weight[i];
      sum[points] = sum[i];
      square[points++] = square[i];
    }
    return new Clusters(weight, sum, square, points);
  }

  /** The sum of squared distances of the points of a run from their mean. */
  private double error(int from, int to) {
    double weight = weights[to] - weights[from];
    double sum = sums[to] - sums[from];
    return weight == 0 ? 0 : Math.max(0, squares[to] - squares[from] - sum * sum / weight);
  }

  private double mean(int from, int to) {
    return (sums[to] - sums[from]) / (weights[to] - weights[from]);
  }

  /** Each point for itself. */
  private int[] each() {
    int[] cuts = new int[points + 1];
    Arrays.setAll(cuts, i -> i);
    return cuts;
  }

  private int[] linear(int count) {
    double low = mean(0, 1);
    double high = mean(points - 1, points);
    double[] centers = new double[count];
    Arrays.setAll(centers, i -> count == 1 ? (low + high) / 2 : low + i * (high - low) / (count - 1));
    return divided(centers);
  }

  private int[] density(int count) {
    double[] centers = new double[count];
    int point = 0;
    for (int i = 0; i < count; i++) {
      while (point < points - 1 && weights[point + 1] < (i + 0.5) / count * weights[points]) point++;
      centers[i] = mean(point, point + 1);
    }
    return divided(centers);
  }

  /** The cuts halfway between centers. */
  private int[] divided(double[] centers) {
    int[] cuts = new int[centers.length + 1];
    cuts[centers.length] = points;
    for (int i = 1; i < centers.length; i++) {
      double border = (centers[i - 1] + centers[i]) / 2;
      int low = cuts[i - 1];
      int high = points;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (mean(middle, middle + 1) <= border) low = middle + 1;
        else
          high = middle;
      }
      cuts[i] = low;
    }
    return cuts;
  }

  /** Lloyd's steps until nothing moves; a cluster that loses all its points stays empty. */
  private int[] settled(int[] cuts) {
    int[] now = cuts;
    for (int step = 0; step < MOST_STEPS; step++) {
      int count = 0;
      double[] centers = new double[now.length - 1];
      for (int i = 0; i < now.length - 1; i++) {
        if (now[i + 1] > now[i]) centers[count++] = mean(now[i], now[i + 1]);
      }
      int[] next = divided(Arrays.copyOf(centers, count));
      if (Arrays.equals(next, now)) return now;
      now = next;
    }
    return now;
  }

  private float[] means(int[] cuts) {
    float[] means = new float[cuts.length - 1];
    int count = 0;
    for (int i = 0; i < means.length; i++) {
      if (cuts[i + 1] == cuts[i]) continue;
      float mean = (float) mean(cuts[i], cuts[i + 1]);
      if (count == 0 || mean != means[count - 1]) means[count++] = mean;
    }
    return Arrays.copyOf(means, count);
  }

  /**
   * Where cuts are tried: between all points where there are no more than so many, else as densely as the best values of very many clusters would lie, in proportion to
   * the cube root of the density of numbers (Panter and Dite, 1951).
   */
  private int[] places(int most) {
    if (points <= most) return each();
    double[] dense = new double[points];
    for (int i = 0; i + 1 < points; i++) {
      double width = mean(i + 1, i + 2) - mean(i, i + 1);
      dense[i] = Math.cbrt((weights[i + 1] - weights[i]) * width * width);
    }
    // No stretch, however far it reaches, takes the places of all others.
    double mean = 0;
    for (double each : dense) mean += each / points;
    for (int i = 0; i < points; i++) dense[i] = Math.min(dense[i], MOST_SHARE * mean) + LEAST_SHARE * mean;
    double[] all = running(dense, points);
    int[] places = new int[most + 1];
    int count = 0;
    for (int i = 1; i < points; i++) {
      if (all[i] >= (count + 1) * all[points] / most && count + 1 < most) places[++count] = i;
    }
    places[++count] = points;
    return Arrays.copyOf(places, count + 1);
  }

  /** The cuts of least error, of those between certain points. */
  private int[] best(int count) {
    int[] place = places(Math.max(FEWEST_POINTS, MOST_WORK / count));
    int coarse = place.length - 1;
    int[][] from = new int[count][];
    double[] before = new double[coarse + 1];
    for (int i = 1; i <= coarse; i++) before[i] = error(0, place[i]);
    for (int k = 1; k < count; k++) {
      from[k] = new int[coarse + 1];
      double[] next = new double[coarse + 1];
      // At least one point in each cluster.
      Arrays.fill(next, 0, Math.min(k + 1, coarse + 1), Double.POSITIVE_INFINITY);
      fill(before, next, from[k], place, new int[] {k + 1, coarse, k, coarse - 1});
      before = next;
    }
    int[] cuts = new int[count + 1];
    int end = coarse;
    cuts[count] = points;
    for (int k = count - 1; k > 0; k--) {
      end = from[k][end];
      cuts[k] = place[end];
    }
    return cuts;
  }

  /** The least errors of one cluster more, for ends from {@code range[0]} to {@code range[1]} whose last cuts lie from {@code range[2]} to {@code range[3]}. */
  private void fill(double[] before, double[] next, int[] from, int[] place, int[] range) {
    if (range[0] > range[1]) return;
    int end = (range[0] + range[1]) >>> 1;
    double least = Double.POSITIVE_INFINITY;
    int best = range[2];
    for (int cut = range[2]; cut <= Math.min(range[3], end - 1); cut++) {
      double error = before[cut] + error(place[cut], place[end]);
      if (error < least) {
        least = error;
        best = cut;
      }
    }
    next[end] = least;
    from[end] = best;
    fill(before, next, from, place, new int[] {range[0], end - 1, range[2], best});
    fill(before, next, from, place, new int[] {end + 1, range[1], best, range[3]});
  }
}
