package dev.dwindle.backend.cpu.kernel;

/**
 * The rows of a left operand cut into tile heights, and its packed form: panel after panel, each
 * k-major, so that a tile reads its scalars in order. The last panel is filled up with zeros.
 */
final class RowPanels {
  private final int rows;
  private final int depth;
  private final int[] heights;
  private final int[] first;

  RowPanels(int rows, int depth) {
    this.rows = rows;
    this.depth = depth;
    heights = Tiles.CURRENT.split(rows);
    first = new int[heights.length + 1];
    for (int p = 0; p < heights.length; p++) {
      first[p + 1] = first[p] + heights[p];
    }
  }

  int count() {
    return heights.length;
  }

  int height(int panel) {
    return heights[panel];
  }

  int first(int panel) {
    return first[panel];
  }

  /** Rows of a panel that exist. */
  int valid(int panel) {
    return Math.min(heights[panel], rows - first[panel]);
  }

  /** Whether a panel reaches beyond the last row. */
  boolean partial(int panel) {
    return valid(panel) < heights[panel];
  }

  /** Floats of the last panel's packed form. */
  int lastFloats() {
    return heights[heights.length - 1] * depth;
  }

  /** Floats of the packed form. */
  int floats() {
    return Math.multiplyExact(first[heights.length], depth);
  }

  /** Where element k = {@code k} of a panel begins in the packed form. */
  int offset(int panel, int k) {
    return first[panel] * depth + k * heights[panel];
  }

  /** Packs one panel from element (0, 0) of a matrix at {@code from}. */
  void pack(int panel, float[] source, int from, int rowStride, int columnStride, float[] packed, int to) {
    int height = heights[panel];
    int valid = valid(panel);
    int base = from + first[panel] * rowStride;
    int target = to + first[panel] * depth;
    int r = 0;
    for (; r + 4 <= valid; r += 4) {
      int s = base + r * rowStride;
      for (int k = 0, d = target + r; k < depth; k++, d += height, s += columnStride) {
        packed[d] = source[s];
        packed[d + 1] = source[s + rowStride];
        packed[d + 2] = source[s + 2 * rowStride];
        packed[d + 3] = source[s + 3 * rowStride];
      }
    }
    for (; r < height; r++) {
      int s = base + r * rowStride;
      for (int k = 0, d = target + r; k < depth; k++, d += height, s += columnStride) {
        packed[d] = r < valid ? source[s] : 0;
      }
    }
  }
}
