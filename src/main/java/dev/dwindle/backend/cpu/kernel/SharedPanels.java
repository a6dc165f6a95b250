package dev.dwindle.backend.cpu.kernel;

/**
 * A right operand that has at most sixteen values: panels of columns as {@link ColumnPanels} has them, but each number is a place of four bits in the list of values. A byte holds
 * the places of two rows, the upper one in its lower half; blocks of the sum begin anew.
 */
public final class SharedPanels {
  /** What the profile calls a product with them. */
  public static final String NAME = "matrix product, from places of 4 bits in a list of values";

  static final int MOST_VALUES = 16;

  /**
   * Bytes of FP32 weights from which places are faster, with a margin: with registers that hold all values from the second cache on, where two hold
   * them and more work is done only when floats come from memory (benchmarks/shared).
   */
  private static final long LEAST_BYTES = SharedRowTile.ONE_TABLE ? 1L << 20 : 48L << 20;

  private static final int WIDTH = ColumnPanels.WIDTH;
  private static final int SLOTS = 64;

  /** The values, as bits of floats; zeros behind the last. */
  final int[] values = new int[MOST_VALUES];

  final byte[] places;

  /** Bytes from a panel to the next, and from a block of the sum to the next. */
  private final int panelStep;
  private final int blockStep;
  private final int depthBlock;

  private SharedPanels(int k, int n) {
    depthBlock = PanelProduct.depthBlock(k);
    blockStep = (depthBlock + 1) / 2 * WIDTH;
    panelStep = Math.multiplyExact((k + depthBlock - 1) / depthBlock, blockStep);
    places = new byte[Math.multiplyExact(ColumnPanels.count(n), panelStep)];
  }

  /** Whether it pays to look for values that are shared: a single row whose weights are more than a cache holds, and vectors that can look up. */
  public static boolean worth(MatMul.Shape shape, MatMul.Layout left) {
    return SharedRowTile.AVAILABLE && shape.batch() == 1 && shape.m() == 1 && left.columnStride() == 1
        && 4L * shape.k() * shape.n() >= LEAST_BYTES;
  }

  /** The panels of {@code k} rows and {@code n} columns, or null where they have more than sixteen values. */
  public static SharedPanels of(int k, int n, MatMul.Layout layout, float[] values) {
    SharedPanels panels = new SharedPanels(k, n);
    int[] keys = new int[SLOTS];
    int[] found = new int[SLOTS]; // a place and 1; 0 where a slot is free
    int count = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < n; j++) {
        int bits = Float
            .floatToRawIntBits(values[layout.start(0) + i * layout.rowStride() + j * layout.columnStride()]);
        int slot = bits * 0x9E3779B1 >>> 26;
        while (found[slot] != 0 && keys[slot] != bits) slot = slot + 1 & SLOTS - 1;
        if (found[slot] == 0) {
          if (count == MOST_VALUES) return null;
          panels.values[count] = bits;
          keys[slot] = bits;
          found[slot] = ++count;
        }
        panels.put(i, j, found[slot] - 1);
      }
    }
    return panels;
  }

  private void put(int row, int column, int place) {
    int inBlock = row % depthBlock;
    places[at(column / WIDTH, row - inBlock) + inBlock / 2 * WIDTH
        + column % WIDTH] |= (byte) (place << 4 * (inBlock & 1));
  }

  /** Where the places of a panel begin, from the first row of a block on. */
  int at(int panel, int row) {
    return panel * panelStep + row / depthBlock * blockStep;
  }
}
