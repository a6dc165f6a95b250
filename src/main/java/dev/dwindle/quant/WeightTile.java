package dev.dwindle.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Some neighbouring blocks of a weight tensor, each a column, so that loops over a row of the tile treat many blocks at
 * once however the tensor lies in memory.
 */
final class WeightTile {
  private static final ValueLayout.OfFloat FLOATS = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  /** Elements of a tile: numbers and codes stay in the first caches. */
  private static final int ELEMENTS = 1 << 13;

  private final BlockLayout layout;
  private final int start;
  /** Index of the first block. */
  final int first;
  /** Number of blocks. */
  final int columns;
  /** The weights, block element by block element. */
  final float[] numbers;

  /** The tile of this number, its weights read from the bytes of a FLOAT tensor. */
  WeightTile(BlockLayout layout, MemorySegment weights, int tile) {
    this.layout = layout;
    int width = width(layout);
    if (layout.inner() == 1) {
      this.first = tile * width;
      this.columns = Math.min(width, layout.rows() - first);
      this.start = first * layout.block();
    } else {
      int perRow = Math.ceilDiv(layout.inner(), width);
      int row = tile / perRow;
      int column = tile % perRow * width;
      this.first = row * layout.inner() + column;
      this.columns = Math.min(width, layout.inner() - column);
      this.start = row * layout.block() * layout.inner() + column;
    }
    this.numbers = new float[layout.block() * columns];
    load(weights);
  }

  /** How many tiles a tensor has. */
  static int count(BlockLayout layout) {
    int width = width(layout);
    return layout.inner() == 1 ? Math.ceilDiv(layout.rows(), width)
        : Math.multiplyExact(layout.rows(), Math.ceilDiv(layout.inner(), width));
  }

  private static int width(BlockLayout layout) {
    return Math.max(16, ELEMENTS / Math.max(1, layout.block()));
  }

  private void load(MemorySegment weights) {
    if (layout.inner() == 1) {
      float[] rows = new float[numbers.length];
      MemorySegment.copy(weights, FLOATS, 4L * start, rows, 0, rows.length);
      transpose(rows, numbers, columns, layout.block());
      return;
    }
    for (int k = 0; k < layout.block(); k++) {
      MemorySegment.copy(weights, FLOATS, 4L * (start + k * layout.inner()), numbers, k * columns, columns);
    }
  }

  private static void transpose(float[] from, float[] to, int rows, int columns) {
    for (int row = 0; row < rows; row++) {
      for (int k = 0, at = row; k < columns; k++, at += rows) {
        to[at] = from[row * columns + k];
      }
    }
  }

  /** Puts codes, in the order of the numbers, where their elements stand in the tensor. */
  void store(byte[] codes, byte[] to) {
    if (layout.inner() == 1) {
      for (int column = 0; column < columns; column++) {
        for (int k = 0, at = start + column * layout.block(); k < layout.block(); k++, at++) {
          to[at] = codes[k * columns + column];
        }
      }
      return;
    }
    for (int k = 0; k < layout.block(); k++) {
      System.arraycopy(codes, k * columns, to, start + k * layout.inner(), columns);
    }
  }
}
