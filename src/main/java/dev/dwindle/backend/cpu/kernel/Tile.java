package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;

/**
 * The innermost piece of every matrix product: a few rows of sums held in registers while a panel of A
 * (one scalar a row, broadcast) meets a panel of B (vectors). One subclass for each number of
 * registers, each with its own constant species, because a species that is not a constant costs 6 to
 * 100 times.
 */
abstract class Tile {
  /** Set in processes that end before what takes the compiler long, such as tall tiles, would pay. */
  static final boolean BRIEF = Boolean.getBoolean("dwindle.brief");

  private final int columns;
  private final int[] heights;

  /**
   * @param heights of the tile, tallest first; sums are the same with any
   */
  Tile(int columns, int... heights) {
    this.columns = columns;
    this.heights = BRIEF ? new int[] {heights[heights.length - 1]} : heights;
  }

  /** Columns of C that one tile covers: the width of a panel of B. */
  final int columns() {
    return columns;
  }

  /** The numbers of rows that a tile may have. */
  final int[] heights() {
    return heights.clone();
  }

  /**
   * Adds A times B to a block of C: {@code c[r][j] += sum over k of a[k][r] * b[k][j]}, in ascending k.
   * More parameters than a record is worth: the call is the innermost of the backend.
   *
   * @param height rows of the block, one of the heights that {@link #split} gives
   * @param depth length of the sum
   * @param a panel of A, k-major: element (r, k) at {@code ao + k * height + r}
   * @param b panel of B: rows of {@link #columns} floats, one behind the other; any other distance, if it is not a
   *     constant, costs a fifth of the speed
   * @param c rows of at least {@link #columns} floats, {@code ldc} apart
   */
  abstract void multiply(int height, int depth, float[] a, int ao, float[] b, int bo, float[] c, int co, int ldc);

  /**
   * As {@link #multiply} for rows of A as they lie, element (r, k) at {@code ao + r * lda + k}: a tenth slower, but
   * nothing need be packed.
   */
  abstract void multiplyRows(
      int height, int depth, float[] a, int ao, int lda, float[] b, int bo, float[] c, int co, int ldc);

  /**
   * Cuts {@code rows} into tile heights, tallest first, with the least padded work; the last may reach
   * beyond the rows.
   */
  final int[] split(int rows) {
    int[] cost = new int[rows + 1];
    int[] choice = new int[rows + 1];
    for (int r = 1; r <= rows; r++) {
      cost[r] = Integer.MAX_VALUE;
      for (int height : heights) {
        // A tile costs its multiplications and, once, the loads of B: about two rows more.
        int sum = cost[Math.max(0, r - height)] + 10 * height + 20;
        if (sum < cost[r]) {
          cost[r] = sum;
          choice[r] = height;
        }
      }
    }
    int[] found = new int[rows];
    int count = 0;
    for (int r = rows; r > 0; r -= choice[r]) {
      found[count++] = choice[r];
    }
    int[] panels = Arrays.copyOf(found, count);
    Arrays.sort(panels);
    for (int i = 0; i < count / 2; i++) {
      int swap = panels[i];
      panels[i] = panels[count - 1 - i];
      panels[count - 1 - i] = swap;
    }
    return panels;
  }
}
