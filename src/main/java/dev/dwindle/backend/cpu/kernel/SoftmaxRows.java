package dev.dwindle.backend.cpu.kernel;

/**
 * Softmax of rows of neighbouring floats: y = softmax(scale * x + mask). The mask, where there is one, has a row for
 * each row at a start of its own.
 */
public final class SoftmaxRows {
  /** Elements that a piece of work should hold. */
  private static final int PIECE = 1 << 13;

  private final int rows;
  private final int columns;
  private final float scale;
  private final int[] maskStarts;
  private final int maskStep;

  /**
   * @param maskStarts first element of the mask for each row; null for no mask
   * @param maskStep 1 where the mask moves along a row, 0 where it stands still
   */
  public SoftmaxRows(int rows, int columns, float scale, int[] maskStarts, int maskStep) {
    this.rows = rows;
    this.columns = columns;
    this.scale = scale;
    this.maskStarts = maskStarts;
    this.maskStep = maskStep;
  }

  /** Binds to memory; mask may be null. */
  public Step on(Slice x, Slice mask, Slice y) {
    int perPiece = Math.max(1, PIECE / columns);
    Workers.Task task = (piece, local) -> {
      int end = Math.min(rows, (piece + 1) * perPiece);
      for (int row = piece * perPiece; row < end; row++) {
        row(row, x, mask, y);
      }
    };
    return workers -> workers.run((rows + perPiece - 1) / perPiece, task);
  }

  private void row(int row, Slice x, Slice mask, Slice y) {
    float[] out = y.array();
    int at = y.offset() + row * columns;
    scale(x.array(), x.offset() + row * columns, mask, row, out, at);
    float max = Reductions.max(out, at, columns);
    if (max == Float.NEGATIVE_INFINITY) {
      max = 0;
    }
    BinaryLoops.add(out, at, -max, out, at, columns);
    ActivationLoops.exp(out, at, columns);
    float factor = (float) (1 / Reductions.sum(out, at, columns));
    BinaryLoops.multiply(out, at, factor, out, at, columns);
  }

  private void scale(float[] x, int from, Slice mask, int row, float[] out, int at) {
    BinaryLoops.multiply(x, from, scale, out, at, columns);
    if (mask != null) {
      int start = mask.offset() + maskStarts[row];
      if (maskStep == 0) {
        BinaryLoops.add(out, at, mask.array()[start], out, at, columns);
      } else {
        BinaryLoops.add(out, at, mask.array(), start, out, at, columns);
      }
    }
  }
}
