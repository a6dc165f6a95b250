package dev.dwindle.backend.cpu.kernel;

/**
 * Normalizes rows of neighbouring floats by their root mean square or, centred, by their standard deviation: ONNX
 * RMSNormalization and LayerNormalization.
 *
 * @param centred whether the mean is taken off first
 * @param scale one float a column
 * @param bias one float a column, or null
 */
public record NormRows(int rows, int columns, float epsilon, boolean centred, float[] scale, float[] bias) {
  /** Elements that a piece of work should hold. */
  private static final int PIECE = 1 << 13;

  /** Binds to memory; the result may be the input itself. */
  public Step on(Slice x, Slice y) {
    int perPiece = Math.max(1, PIECE / columns);
    Workers.Task task = (piece, local) -> {
      int end = Math.min(rows, (piece + 1) * perPiece);
      for (int row = piece * perPiece; row < end; row++) {
        row(x.array(), x.offset() + row * columns, y.array(), y.offset() + row * columns);
      }
    };
    return workers -> workers.run((rows + perPiece - 1) / perPiece, task);
  }

  private void row(float[] x, int from, float[] y, int to) {
    float mean = centred ? (float) (Reductions.sum(x, from, columns) / columns) : 0;
    float variance = Reductions.squares(x, from, columns, mean) / columns;
    float factor = (float) (1 / Math.sqrt(variance + epsilon));
    if (centred) {
      BinaryLoops.add(x, from, -mean, y, to, columns);
      BinaryLoops.multiply(y, to, factor, y, to, columns);
    } else {
      BinaryLoops.multiply(x, from, factor, y, to, columns);
    }
    BinaryLoops.multiply(y, to, scale, 0, y, to, columns);
    if (bias != null) {
      BinaryLoops.add(y, to, bias, 0, y, to, columns);
    }
  }
}
