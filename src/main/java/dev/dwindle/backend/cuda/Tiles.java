package dev.dwindle.backend.cuda;

/** The tiles of matrices that blocks make, as in {@code tile.cuh}. */
final class Tiles {
  private static final int SIZE = 64;
  private static final int THREADS = 256;

  private Tiles() {}

  /** A block for each tile of so many matrices. */
  static Grid grid(long matrices, int rows, int columns) {
    long tiles = (long) Math.ceilDiv(rows, SIZE) * Math.ceilDiv(columns, SIZE);
    return Grid.ofBlocks(Math.multiplyExact(matrices, tiles), THREADS);
  }
}
