package dev.dwindle.backend.cpu.kernel;

/**
 * The columns of a right operand cut into tile widths, and its packed form: panel after panel, each a
 * matrix of depth rows and {@link Tile#columns} columns. The last panel is filled up with zeros.
 */
final class ColumnPanels {
  static final int WIDTH = Tiles.CURRENT.columns();

  private ColumnPanels() {}

  static int count(int columns) {
    return (columns + WIDTH - 1) / WIDTH;
  }

  /** Columns of a panel that exist. */
  static int valid(int panel, int columns) {
    return Math.min(WIDTH, columns - panel * WIDTH);
  }

  /** The packed form of a whole matrix whose element (0, 0) is at {@code from}. */
  static float[] pack(int depth, int columns, float[] source, int from, MatMul.Layout layout) {
    int panels = count(columns);
    float[] packed = new float[Math.multiplyExact(Math.multiplyExact(panels, WIDTH), depth)];
    for (int p = 0; p < panels; p++) {
      int s = from + p * WIDTH * layout.columnStride();
      packBlock(depth, valid(p, columns), source, s, layout, packed, p * depth * WIDTH);
    }
    return packed;
  }

  /** Packs {@code depth} rows of at most one panel's width. */
  static void packBlock(
      int depth, int valid, float[] source, int from, MatMul.Layout layout, float[] packed, int to) {
    int row = layout.rowStride();
    int column = layout.columnStride();
    if (column == 1) {
      for (int k = 0, s = from, d = to; k < depth; k++, s += row, d += WIDTH) {
        System.arraycopy(source, s, packed, d, valid);
      }
    } else {
      int j = 0;
      for (; j + 4 <= valid; j += 4) {
        for (int k = 0, s = from + j * column, d = to + j; k < depth; k++, s += row, d += WIDTH) {
          packed[d] = source[s];
          packed[d + 1] = source[s + column];
          packed[d + 2] = source[s + 2 * column];
          packed[d + 3] = source[s + 3 * column];
        }
      }
      for (; j < valid; j++) {
        for (int k = 0, s = from + j * column, d = to + j; k < depth; k++, s += row, d += WIDTH) {
          packed[d] = source[s];
        }
      }
    }
    for (int k = 0, d = to; valid < WIDTH && k < depth; k++, d += WIDTH) {
      java.util.Arrays.fill(packed, d + valid, d + WIDTH, 0);
    }
  }
}
