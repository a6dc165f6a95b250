package dev.dwindle.pack;

import java.util.Arrays;

/**
 * An adaptive model of symbols that belong to the elements of a tensor. Each decision of the {@link DecisionTree} has three
 * predictions, by what stands around the element, which are mixed by weights that learn. Reading and writing run the same
 * loop.
 */
final class SymbolModel {
  static final int MOST_SYMBOLS = 4096;
  private static final int LEVELS = 48;
  private static final int COARSE = 24;
  private static final int INPUTS = 3;
  private static final int LIMIT = 1000;
  private static final int CONTEXT_LIMIT = 255;
  private static final int CELLS = 1 << 18;
  private static final int SETS = 32;

  private final int alphabet;
  private final Neighbours neighbours;
  private final int[] magnitudes;
  private final int centre;

  SymbolModel(int alphabet, Neighbours neighbours, Magnitudes kind, int centre) {
    this.alphabet = alphabet;
    this.neighbours = neighbours;
    this.centre = centre;
    magnitudes = kind.of(alphabet, centre);
  }

  void write(BitCoder coder, char[] symbols, int count, DecisionTree tree) {
    tree.write(coder);
    code(coder, symbols, count, tree, true);
  }

  void read(BitCoder coder, char[] symbols, int count) {
    code(coder, symbols, count, DecisionTree.read(coder, alphabet), false);
  }

  private static int level(int average) {
    return Math.min(LEVELS - 1, average >> 6);
  }

  private void code(BitCoder coder, char[] symbols, int count, DecisionTree tree, boolean writing) {
    int near = neighbours.near();
    int far = neighbours.far() > 0 && neighbours.far() < count ? neighbours.far() : 0;
    int[] columns = new int[Math.max(1, far)];
    int[] kernel = new int[Math.max(1, near)];
    int start = magnitudes[centre] << 4;
    Arrays.fill(columns, start);
    Arrays.fill(kernel, start);
    int nodes = tree.nodes();
    int[] next = tree.next();
    int[] codes = tree.codes();
    int[] lengths = tree.lengths();
    int lasts = near > 1 ? LEVELS * 12 : alphabet;
    int[] t0 = cells(1, nodes, count);
    int[] t1 = cells(COARSE * COARSE, nodes, count);
    int[] t2 = cells(lasts, nodes, count);
    Arrays.fill(t0, Logistic.EVEN);
    int[] weights = new int[SETS * INPUTS];
    Arrays.fill(weights, 22000);
    int[] stretch = Logistic.STRETCH;
    int row = start;
    int column = 0;
    int place = 0;
    int rows = 0;
    int speed = 1;
    int w = 0;
    for (int i = 0; i < count; i++) {
      int rowLevel = level(row);
      int columnLevel = level(columns[column]);
      int c1 = ((rowLevel >> 1) * COARSE + (columnLevel >> 1)) * nodes;
      int c2 = (near > 1 ? level(kernel[place]) * 12 + level(magnitudes[w] << 4) / 4 : w) * nodes;
      int symbol = symbols[i];
      int code = writing ? codes[symbol] : 0;
      int shift = writing ? lengths[symbol] - 1 : 0;
      int depth = 0;
      int node = 0;
      do {
        int base = t0[node];
        int i1 = c1 + node & t1.length - 1;
        int i2 = c2 + node & t2.length - 1;
        int fresh = base & ~1023 | 3;
        int v1 = t1[i1] == 0 ? fresh : t1[i1];
        int v2 = t2[i2] == 0 ? fresh : t2[i2];
        int s0 = stretch[base >>> 20];
        int s1 = stretch[v1 >>> 20];
        int s2 = stretch[v2 >>> 20];
        int set = depth * INPUTS;
        int dot = weights[set] * s0 + weights[set + 1] * s1 + weights[set + 2] * s2 >> 16;
        int p = Logistic.SQUASH[Math.min(Logistic.LIMIT, Math.max(-Logistic.LIMIT, dot)) + 2048];
        int bit = coder.code(code >>> shift & 1, p);
        int error = (bit << 16) - p;
        weights[set] += s0 * error + (1 << 13) >> 14;
        weights[set + 1] += s1 * error + (1 << 13) >> 14;
        weights[set + 2] += s2 * error + (1 << 13) >> 14;
        t0[node] = Logistic.learned(base, bit, LIMIT);
        t1[i1] = Logistic.learned(v1, bit, CONTEXT_LIMIT);
        t2[i2] = Logistic.learned(v2, bit, CONTEXT_LIMIT);
        node = next[2 * node + bit];
        shift--;
        depth++;
      } while (node > 0);
      symbol = ~node;
      symbols[i] = (char) symbol;
      int size = magnitudes[symbol] << 4;
      row += size - row >> 4;
      columns[column] += size - columns[column] >> speed;
      kernel[place] += size - kernel[place] >> 5;
      w = symbol;
      if (++column >= columns.length) {
        column = 0;
        rows++;
        speed = rows < 2 ? 1 : rows < 4 ? 2 : rows < 8 ? 3 : rows < 16 ? 4 : 5;
      }
      if (++place >= kernel.length) place = 0;
    }
  }

  /** A power of two of cells, no more than a block of so many symbols may fill; contexts that meet there share one. */
  private static int[] cells(int contexts, int nodes, int count) {
    int most = Math.min(CELLS, Math.max(nodes, 4 * count));
    int wanted = Math.min(most, Math.max(2, contexts * nodes));
    return new int[Integer.highestOneBit(wanted - 1) << 1];
  }
}
