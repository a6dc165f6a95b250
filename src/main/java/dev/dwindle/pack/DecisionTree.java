package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * A Huffman tree, used to tell symbols by few binary decisions, the frequent ones by the fewest. The tree follows from the
 * lengths of its codes alone (canonical codes).
 */
final class DecisionTree {
  private static final int MOST_LENGTH = 31;

  /** The length of each symbol's code; 0 for one that does not occur. */
  private final int[] lengths;

  private final int[] codes;

  /** At 2 * node + bit the next node, or the complement of a symbol. Node 0 is the root. */
  private final int[] next;

  private final int nodes;

  private DecisionTree(int[] lengths) {
    this.lengths = lengths;
    codes = new int[lengths.length];
    int symbols = (int) Arrays.stream(lengths).filter(l -> l > 0).count();
    if (symbols < 2) throw noTree();
    next = new int[2 * (symbols - 1)];
    int made = 1;
    long code = 0;
    for (int length = 1, done = 0; length <= MOST_LENGTH && done < symbols; length++, code <<= 1) {
      for (int symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] != length) continue;
        if (code >>> length != 0) throw noTree();
        made = insert(symbol, (int) code, length, made);
        code++;
        done++;
        if (done == symbols && code != 1L << length) throw noTree();
      }
    }
    nodes = made;
  }

  private int insert(int symbol, int code, int length, int made) {
    int nodesMade = made;
    int node = 0;
    for (int shift = length - 1; shift > 0; shift--) {
      int at = 2 * node + (code >>> shift & 1);
      if (next[at] == 0) {
        if (2 * nodesMade >= next.length) throw noTree();
        next[at] = nodesMade++;
      }
      node = next[at];
    }
    next[2 * node + (code & 1)] = ~symbol;
    codes[symbol] = code;
    return nodesMade;
  }

  private static InvalidInputException noTree() {
    return new InvalidInputException("found lengths of codes that make no tree");
  }

  int[] next() {
    return next;
  }

  int[] codes() {
    return codes;
  }

  int[] lengths() {
    return lengths;
  }

  int nodes() {
    return nodes;
  }

  /** The tree for these counts, of which two or more are not 0. */
  static DecisionTree of(int[] counts) {
    int n = counts.length;
    int[] parent = new int[2 * n];
    PriorityQueue<Long> open = new PriorityQueue<>();
    for (int i = 0; i < n; i++) {
      if (counts[i] > 0) open.add((long) counts[i] << 20 | i);
    }
    int made = n;
    while (open.size() > 1) {
      long a = open.remove();
      long b = open.remove();
      parent[(int) (a & 0xfffff)] = made;
      parent[(int) (b & 0xfffff)] = made;
      open.add(((a >>> 20) + (b >>> 20)) << 20 | made++);
    }
    int[] lengths = new int[n];
    for (int i = 0; i < n; i++) {
      for (int at = i; counts[i] > 0 && parent[at] != 0; at = parent[at]) lengths[i]++;
    }
    return new DecisionTree(lengths);
  }

  void write(BitCoder coder) {
    code(coder, lengths, true);
  }

  /** The tree of an alphabet of so many symbols. */
  static DecisionTree read(BitCoder coder, int alphabet) {
    int[] lengths = new int[alphabet];
    code(coder, lengths, false);
    return new DecisionTree(lengths);
  }

  /** Each length in five bits, the highest first, in the context of the one before: none, or its half. */
  private static void code(BitCoder coder, int[] lengths, boolean writing) {
    int[] cells = new int[17 * 32];
    Arrays.fill(cells, Logistic.EVEN);
    int context = 0;
    for (int i = 0; i < lengths.length; i++) {
      int prefix = 1;
      for (int shift = 4; shift >= 0; shift--) {
        int bit = writing ? lengths[i] >>> shift & 1 : 0;
        prefix = prefix << 1 | Logistic.code(coder, bit, cells, context * 32 + prefix, 60);
      }
      lengths[i] = prefix & 31;
      context = lengths[i] == 0 ? 0 : 1 + lengths[i] / 2;
    }
  }
}
