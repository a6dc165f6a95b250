package dev.dwindle.backend.cpu.kernel;

import java.util.stream.IntStream;

/**
 * A matrix product C = activation(A * B + bias + residual) whose B is constant and mostly zero: computed as the product of B's
 * columns, which are sparse rows, with A transposed, so that vectors run along the rows of A.
 */
public final class SparseMatMul {
  private static final int TILE = SparseTile.WIDTH;

  /** Columns of C in one piece; fewer with many threads. */
  private static final int COLUMNS = 128;
  private static final int FEWEST_COLUMNS = 16;

  /** Columns of C for which it pays to transpose A. */
  private static final int WORTH_TRANSPOSING = 64;

  /** Terms of a sum whose part of A, transposed, stays in the first cache. */
  private static final int DEPTH = 96;

  private final int m;
  private final int n;
  private final int k;
  private final MatMul.Layout left;
  private final Finish finish;
  private final SparseRows weights;

  private SparseMatMul(MatMul.Shape shape, MatMul.Layout left, Finish finish, SparseRows weights) {
    m = shape.m();
    n = shape.n();
    k = shape.k();
    this.left = left;
    this.finish = finish;
    this.weights = weights;
  }

  /**
   * @param shape of one product
   * @param left how A lies; C is row-major
   * @param weights what {@link #weights} made
   */
  public static SparseMatMul of(MatMul.Shape shape, MatMul.Layout left, Finish finish, SparseRows weights) {
    if (shape.batch() != 1) {
      throw new IllegalArgumentException("sparse matrix product: batch " + shape.batch() + ", expected 1");
    }
    return new SparseMatMul(shape, left, finish, weights);
  }

  /** What is not zero in a right operand of {@code k} rows and {@code n} columns. */
  public static SparseRows weights(int k, int n, MatMul.Layout right, float[] values) {
    int blocks = (k + DEPTH - 1) / DEPTH;
    int[] places = IntStream.range(0, k).map(term -> term * TILE).toArray();
    return SparseRows.of(n, values, right.columnStride(), right.rowStride(), places, (k + blocks - 1) / blocks);
  }

  /** The share of zeros of the right operand from which leaving them out pays; 2 where it never does, since there are too few rows to fill vectors, or too few columns. */
  public static double worth(MatMul.Shape shape) {
    return shape.batch() == 1 && shape.m() >= TILE / 2 && shape.n() >= WORTH_TRANSPOSING
        ? SparseTile.worth(false) : 2;
  }

  private int tiles() {
    return (m + TILE - 1) / TILE;
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects: A transposed, tile by tile. */
  public int scratch() {
    return Math.multiplyExact(tiles() * TILE, k);
  }

  /**
   * Binds the product to its memory.
   *
   * @param residual added to the result before the activation and laid out like it; null for none. May be the result itself
   */
  public Step on(Slice a, Slice result, Slice residual, Slice scratch) {
    int depths = (k + DEPTH - 1) / DEPTH;
    Workers.Task transpose = (piece, local) -> {
      int tile = piece / depths;
      int term = piece % depths * DEPTH;
      int rows = Math.min(TILE, m - tile * TILE);
      int from = a.offset() + left.start(0) + tile * TILE * left.rowStride() + term * left.columnStride();
      transpose(a.array(), from, rows, Math.min(DEPTH, k - term), scratch.array(),
          scratch.offset() + (tile * k + term) * TILE);
    };
    return workers -> {
      int columns = columns(workers.count());
      int across = (n + columns - 1) / columns;
      workers.reserve(COLUMNS * TILE);
      workers.run(tiles() * depths, transpose);
      workers.run(tiles() * across, (piece, local) -> multiply(result, residual, scratch, piece / across,
          piece % across * columns, columns, local));
    };
  }

  /** Of a piece: two pieces a thread, if they are to be had. */
  private int columns(int threads) {
    int columns = COLUMNS;
    while (columns > FEWEST_COLUMNS && threads > 1 && (n + columns - 1) / columns * tiles() < 2 * threads) columns /= 2;
    return columns;
  }

  /** Rows of A as columns. What stands behind the last one is computed with, and thrown away. */
  private void transpose(float[] a, int from, int rows, int terms, float[] columns, int to) {
    int row = left.rowStride();
    int r = 0;
    for (; r + 4 <= rows; r += 4) {
      int s = from + r * row;
      for (int term = 0, d = to + r; term < terms; term++, d += TILE, s += left.columnStride()) {
        columns[d] = a[s];
        columns[d + 1] = a[s + row];
        columns[d + 2] = a[s + 2 * row];
        columns[d + 3] = a[s + 3 * row];
      }
    }
    for (; r < rows; r++) {
      int s = from + r * row;
      for (int term = 0, d = to + r; term < terms; term++, d += TILE, s += left.columnStride()) columns[d] = a[s];
    }
  }

  private void multiply(Slice result, Slice residual, Slice scratch, int tile, int column, int columns,
      float[] sums) {
    int row = tile * TILE;
    int rows = Math.min(TILE, m - row);
    int width = Math.min(columns, n - column);
    int first = row * n + column;
    for (int j = 0; j < width; j++) finish.beginChannel(column + j, null, 0, sums, j * TILE, rows);
    for (int i = 0; residual != null && i < rows; i++) {
      int from = residual.offset() + first + i * n;
      for (int j = 0, to = i; j < width; j++, to += TILE) sums[to] += residual.array()[from + j];
    }
    int vectors = (rows + SparseTile.LANES - 1) / SparseTile.LANES;
    for (int block = 0; block < weights.blocks(); block++) {
      SparseTile.multiply(weights, column, column + width, block, scratch.array(), scratch.offset() + row * k, sums, 0,
          TILE, vectors);
    }
    end(result.array(), result.offset() + first, rows, width, sums);
  }

  private void end(float[] c, int first, int rows, int width, float[] sums) {
    int i = 0;
    for (; i + 4 <= rows; i += 4) {
      int to = first + i * n;
      for (int j = 0, from = i; j < width; j++, from += TILE) {
        c[to + j] = sums[from];
        c[to + n + j] = sums[from + 1];
        c[to + 2 * n + j] = sums[from + 2];
        c[to + 3 * n + j] = sums[from + 3];
      }
    }
    for (; i < rows; i++) {
      for (int j = 0, from = i; j < width; j++, from += TILE) c[first + i * n + j] = sums[from];
    }
    for (int r = 0; r < rows; r++) finish.activation().apply(c, first + r * n, width);
  }
}
