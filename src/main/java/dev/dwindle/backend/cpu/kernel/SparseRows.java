package dev.dwindle.backend.cpu.kernel;

/**
 * A constant left operand of which most elements are zero: for each row, and each block of its sum, the others, ascending, each
 * with the place in the right operand that it meets.
 */
public final class SparseRows {
  private final int blocks;
  private final int[] starts;

  /** How far behind the right operand's first float a row of it begins that a value meets. */
  final int[] places;

  final float[] values;

  private SparseRows(int blocks, int[] starts, int[] places, float[] values) {
    this.blocks = blocks;
    this.starts = starts;
    this.places = places;
    this.values = values;
  }

  /**
   * What is not zero in a matrix.
   *
   * @param values element (row, k) at {@code row * rowStride + k * depthStride}
   * @param places of each term of a sum, the place in the right operand
   * @param depthBlock terms that are summed up for all rows before the next ones are
   */
  static SparseRows of(int rows, float[] values, int rowStride, int depthStride, int[] places, int depthBlock) {
    int count = 0;
    for (float value : values) if (value != 0) count++;
    int depth = places.length;
    int blocks = (depth + depthBlock - 1) / depthBlock;
    int[] starts = new int[rows * blocks + 1];
    int[] met = new int[count];
    float[] kept = new float[count];
    int at = 0;
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < depth; k++) {
        float value = values[row * rowStride + k * depthStride];
        if (value != 0) {
          met[at] = places[k];
          kept[at++] = value;
        }
        if (k % depthBlock == depthBlock - 1 || k == depth - 1) starts[row * blocks + k / depthBlock + 1] = at;
      }
    }
    return new SparseRows(blocks, starts, met, kept);
  }

  int blocks() {
    return blocks;
  }

  /** Where the values of a row begin that belong to a block. */
  int start(int row, int block) {
    return starts[row * blocks + block];
  }

  int end(int row, int block) {
    return starts[row * blocks + block + 1];
  }
}
