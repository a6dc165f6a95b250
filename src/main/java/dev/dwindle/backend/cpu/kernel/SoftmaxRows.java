package dev.dwindle.backend.cpu.kernel;

/**
 * Softmax of rows of neighbouring floats: y = softmax(scale * x + mask). The mask, where there is one, has a row for
 * each row at a start of its own. A row is three passes, which hand one number on: the scale, the largest score, one
 * over the sum.
 */
public final class SoftmaxRows {
  /** Elements that a piece of work should hold. */
  private static final int PIECE = 1 << 13;

  private static final float[] NO_MASK = {};

  private final int rows;
  private final int columns;
  private final float scale;
  private final int[] maskStarts;
  private final SoftmaxPass[] passes;

  /**
   * @param maskStarts first element of the mask for each row; null for no mask
   * @param maskStep 1 where the mask moves along a row, 0 where it stands still
   */
  public SoftmaxRows(int rows, int columns, float scale, int[] maskStarts, int maskStep) {
    this.rows = rows;
    this.columns = columns;
    this.scale = scale;
    this.maskStarts = maskStarts;
    passes = SoftmaxPass.all(maskStarts != null, maskStep);
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
    float[] addend = mask == null ? NO_MASK : mask.array();
    int start = mask == null ? 0 : mask.offset() + maskStarts[row];
    int from = x.offset() + row * columns;
    int at = y.offset() + row * columns;
    float value = scale;
    for (SoftmaxPass pass : passes) {
      value = pass.run(x.array(), from, addend, start, y.array(), at, columns, value);
    }
  }
}
