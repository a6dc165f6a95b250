package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;

/**
 * Rows times one panel of columns, tile by tile: the body shared by matrix products and convolutions. Tiles that reach
 * beyond C are computed aside and only their valid part is added.
 */
final class PanelProduct {
  private static final int WIDTH = ColumnPanels.WIDTH;

  /** Longest sum done in one go: its panels of A and B then share the first cache with C. */
  private static final int DEPTH = 320;

  /** Floats of thread-local scratch that the edges need. */
  static final int EDGE = 12 * WIDTH;

  private final RowPanels rows;
  private final int ldc;

  /**
   * @param rows the shape of the left operand
   * @param ldc floats from one row of C to the next
   */
  PanelProduct(RowPanels rows, int ldc) {
    this.rows = rows;
    this.ldc = ldc;
  }

  /** The length of equal blocks of a sum over {@code depth}, none longer than the caches like. */
  static int depthBlock(int depth) {
    int blocks = Math.max(1, (depth + DEPTH - 1) / DEPTH);
    return (depth + blocks - 1) / blocks;
  }

  /**
   * Adds row panels {@code from} to {@code to - 1} of A times a panel of B to C, for the terms {@code k} to {@code k +
   * depth - 1}.
   *
   * @param a packed rows, whose panel 0 begins at {@code ao}
   * @param b the panel's row {@code k} at {@code bo}
   * @param c row 0, first column of the panel at {@code co}
   * @param valid columns of the panel that exist
   * @param edge scratch of {@link #EDGE} floats at {@code eo}
   */
  void packed(int from, int to, int k, int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int valid,
      float[] edge, int eo) {
    Tile tile = Tiles.CURRENT;
    for (int p = from; p < to; p++) {
      int height = rows.height(p);
      int panel = ao + rows.offset(p, k);
      int target = co + rows.first(p) * ldc;
      if (rows.valid(p) == height && valid == WIDTH) {
        tile.multiply(height, depth, a, panel, b, bo, c, target, ldc);
      } else {
        begin(c, target, rows.valid(p), height, valid, edge, eo);
        tile.multiply(height, depth, a, panel, b, bo, edge, eo, WIDTH);
        copyRows(edge, eo, WIDTH, rows.valid(p), c, target, ldc, valid);
      }
    }
  }

  /**
   * As {@link #packed} for rows as they lie, {@code lda} apart, whose term {@code k} of row 0 is at {@code ao}. Every
   * row of the panels must exist.
   */
  void unpacked(int from, int to, int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co,
      int valid, float[] edge, int eo) {
    Tile tile = Tiles.CURRENT;
    for (int p = from; p < to; p++) {
      int height = rows.height(p);
      int first = ao + rows.first(p) * lda;
      int target = co + rows.first(p) * ldc;
      if (valid == WIDTH) {
        tile.multiplyRows(height, depth, a, first, lda, b, bo, c, target, ldc);
      } else {
        begin(c, target, height, height, valid, edge, eo);
        tile.multiplyRows(height, depth, a, first, lda, b, bo, edge, eo, WIDTH);
        copyRows(edge, eo, WIDTH, height, c, target, ldc, valid);
      }
    }
  }

  /** As {@link #unpacked} for a single row, and a panel of B or, where they are not null, of shared values. */
  static void single(int depth, float[] a, int ao, float[] b, SharedPanels shared, int bo, float[] c, int co,
      int valid, float[] edge, int eo) {
    if (valid == WIDTH) {
      row(depth, a, ao, b, shared, bo, c, co);
    } else {
      Arrays.fill(edge, eo, eo + WIDTH, 0);
      row(depth, a, ao, b, shared, bo, edge, eo);
      BinaryLoops.add(c, co, edge, eo, c, co, valid);
    }
  }

  private static void row(int depth, float[] a, int ao, float[] b, SharedPanels shared, int bo, float[] c, int co) {
    if (shared == null) RowTile.multiply(depth, a, ao, b, bo, c, co);
    else
      SharedRowTile.multiply(depth, a, ao, shared, bo, c, co);
  }

  /** Begins a tile of which not all exists as a whole one is begun, so that results do not depend on how C is cut. */
  private void begin(float[] c, int co, int count, int height, int valid, float[] edge, int eo) {
    Arrays.fill(edge, eo, eo + height * WIDTH, 0);
    copyRows(c, co, ldc, count, edge, eo, WIDTH, valid);
  }

  private static void copyRows(float[] from, int fo, int fromStep, int count, float[] to, int at, int toStep,
      int columns) {
    for (int r = 0; r < count; r++) {
      System.arraycopy(from, fo + r * fromStep, to, at + r * toStep, columns);
    }
  }
}
