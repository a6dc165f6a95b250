package dev.dwindle.pass.prune;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One-shot pruning with calibration data. Wanda (Sun et al., 2023): in each row of weights those go whose magnitude times the norm of their input is least. SparseGPT (Frantar and
 * Alistarh, 2023): weights go by what their removal costs after all that are left make up for it, column by column, and these are changed so that they do.
 */
final class Reconstruction {
  /** Columns whose weights are chosen together. */
  private static final int BLOCK = 128;
  /** What is added to the diagonal of moments, as a share of its mean, so that they can be inverted. */
  static final double DAMPING = 0.01;

  private Reconstruction() {}

  /**
   * Prunes by Wanda.
   *
   * @param moments of the inputs, {@code [inputs, inputs]} in a row
   * @param share of each row that goes, unless the pattern says it
   */
  static void wanda(Weights weights, float[] moments, double share, Pattern pattern) {
    int inputs = weights.inputs();
    for (int output = 0; output < weights.outputs(); output++) {
      double[] row = weights.row(output);
      double[] scores = new double[inputs];
      for (int i = 0; i < inputs; i++) scores[i] = row[i] * row[i] * moments[i * inputs + i];
      int length = pattern.isFixed() ? pattern.length() : inputs;
      // What rounding takes from one row the next ones get.
      int lost = (int) (Math.round((output + 1) * share * inputs) - Math.round(output * share * inputs));
      for (int from = 0; from < inputs; from += length) {
        int to = Math.min(from + length, inputs);
        for (int place : least(scores, from, to,
            pattern.isFixed() ? pattern.lost(to - from) : lost)) {
          row[place] = 0;
        }
      }
      weights.set(output, row);
    }
  }

  /** The places of so many least scores; of equal ones those that stand first. */
  private static int[] least(double[] scores, int from, int to, int count) {
    long[] keys = new long[to - from];
    for (int i = from; i < to; i++) keys[i - from] = (long) Float.floatToRawIntBits((float) scores[i]) << 32 | i;
    Arrays.sort(keys);
    int[] places = new int[count];
    for (int i = 0; i < count; i++) places[i] = (int) keys[i];
    return places;
  }

  /** Prunes by SparseGPT; parameters as those of {@link #wanda}, but that the share is of each block of columns. */
  static void sparseGpt(Weights weights, float[] moments, double share, Pattern pattern) {
    int inputs = weights.inputs();
    int outputs = weights.outputs();
    double[][] factor = InverseFactor.of(moments, inputs, DAMPING);
    double[][] rows = new double[outputs][];
    for (int output = 0; output < outputs; output++) {
      rows[output] = weights.row(output);
      // An input that is always 0 has no part in the output: its weights go, and count.
      for (int i = 0; i < inputs; i++) if (moments[i * inputs + i] == 0) rows[output][i] = 0;
    }
    long alive = IntStream.range(0, inputs).filter(i -> moments[i * inputs + i] != 0).count();
    double rest = alive == 0 ? 0 : Math.max(0, 1 - (1 - share) * inputs / alive);
    int width = pattern.isFixed() ? BLOCK / pattern.length() * pattern.length() : BLOCK;
    for (int from = 0; from < inputs; from += width) {
      int to = Math.min(from + width, inputs);
      boolean[][] gone = pattern.isFixed() ? new boolean[outputs][to - from] : chosen(rows, factor, from, to, rest);
      for (int output = 0; output < outputs; output++) {
        settle(rows[output], factor, from, to, gone[output], pattern);
      }
    }
    for (int output = 0; output < outputs; output++) weights.set(output, rows[output]);
  }

  /** The share of a block's weights that are not zero whose removal costs least, and those that are. */
  private static boolean[][] chosen(double[][] rows, double[][] factor, int from, int to, double share) {
    int width = to - from;
    double[] scores = new double[rows.length * width];
    int zeros = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = cost(rows[i / width], factor, from + i % width);
      zeros += rows[i / width][from + i % width] == 0 ? 1 : 0;
    }
    boolean[][] gone = new boolean[rows.length][width];
    for (int place : least(scores, 0, scores.length, zeros + (int) Math.round(share * (scores.length - zeros)))) {
      gone[place / width][place % width] = true;
    }
    return gone;
  }

  private static double cost(double[] row, double[][] factor, int column) {
    double scaled = row[column] / factor[column][column];
    return scaled * scaled;
  }

  /** Settles the columns of a block in one row: what is lost with each is made up for by those behind it, in the block at once, then in the rest. */
  private static void settle(double[] row, double[][] factor, int from, int to, boolean[] gone, Pattern pattern) {
    double[] errors = new double[to - from];
    for (int column = from; column < to; column++) {
      if (pattern.isFixed() && (column - from) % pattern.length() == 0) {
        int end = Math.min(column + pattern.length(), to);
        double[] scores = new double[end - column];
        for (int i = column; i < end; i++) scores[i - column] = cost(row, factor, i);
        for (int place : least(scores, 0, end - column, pattern.lost(end - column))) gone[column + place - from] = true;
      }
      if (!gone[column - from]) continue;
      double error = row[column] / factor[column][column];
      errors[column - from] = error;
      add(row, factor[column], -error, column, to);
      row[column] = 0;
    }
    for (int column = from; column < to; column++) {
      if (errors[column - from] != 0) add(row, factor[column], -errors[column - from], to, row.length);
    }
  }

  private static void add(double[] row, double[] other, double factor, int from, int to) {
    for (int i = from; i < to; i++) row[i] += factor * other[i];
  }
}
