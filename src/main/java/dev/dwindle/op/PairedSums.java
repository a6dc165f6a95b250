package dev.dwindle.op;

import java.util.Arrays;

/**
 * Sums of products of unsigned and signed 8-bit integers on units that add two products in 16 bits, saturated, before all
 * are added in 32: VPMADDUBSW of x86 processors, which have no VNNI. Source: Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2, PMADDUBSW.
 */
final class PairedSums {
  /** Columns that are multiplied together: their elements and sums stay in the cache. */
  static final int BLOCK = 256;

  private final int[] order;
  private final int[] weights;
  private final int rows;
  private final int[] totals;
  private final int[] columns;

  /**
   * For rows of weights, each as long as {@code order} has entries that are not negative.
   *
   * @param order the places in a row in the order in which their products are added, two by two; a negative one is no product
   */
  PairedSums(byte[] weights, int rows, int[] order) {
    this.rows = rows;
    this.order = Arrays.copyOf(order, order.length + order.length % 2);
    if (order.length % 2 == 1) this.order[order.length] = -1;
    this.weights = new int[rows * this.order.length];
    totals = new int[rows];
    int length = rows == 0 ? 0 : weights.length / rows;
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < this.order.length; i++) {
        int weight = this.order[i] < 0 ? 0 : weights[row * length + this.order[i]];
        this.weights[row * this.order.length + i] = weight;
        totals[row] += weight;
      }
    }
    columns = new int[this.order.length * BLOCK];
  }

  /** Puts what weights are multiplied with, unsigned, into a column of the block. */
  void set(int column, int[] elements) {
    for (int i = 0; i < order.length; i++) columns[i * BLOCK + column] = order[i] < 0 ? 0 : elements[order[i]];
  }

  /** Adds up the block: the sums of a row begin at {@code at + row * step}; each is less {@code zero} times the row's weights. */
  void multiply(int count, int zero, int[] sums, int at, int step) {
    int[] block = new int[count];
    for (int row = 0; row < rows; row++) {
      Arrays.fill(block, -zero * totals[row]);
      for (int i = row * order.length, from = 0; i < (row + 1) * order.length; i += 2, from += 2 * BLOCK) {
        if ((weights[i] | weights[i + 1]) != 0) addPairs(columns, from, weights[i], weights[i + 1], block);
      }
      for (int column = 0; column < count; column++) sums[at + row * step + column] = block[column];
    }
  }

  private static void addPairs(int[] x, int from, int first, int second, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      int pair = x[from + i] * first + x[from + BLOCK + i] * second;
      sums[i] += Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, pair));
    }
  }
}
