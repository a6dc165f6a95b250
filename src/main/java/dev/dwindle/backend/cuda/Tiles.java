package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;

/** The tiles of matrices that blocks make, as in {@code tile.cuh} and {@code mma.cuh}. */
final class Tiles {
  private static final int SIZE = 64;
  private static final int LARGE = 128;
  /** Blocks that keep all processors of a large GPU busy. */
  private static final int ENOUGH = 128;
  private static final int THREADS = 256;

  private Tiles() {}

  /** A block for each tile of so many matrices. */
  static Grid grid(long matrices, int rows, int columns) {
    return grid(matrices, rows, columns, SIZE);
  }

  private static Grid grid(long matrices, int rows, int columns, int size) {
    return Grid.ofBlocks(Math.multiplyExact(matrices, count(rows, columns, size)), THREADS);
  }

  private static long count(int rows, int columns, int size) {
    return (long) Math.ceilDiv(rows, size) * Math.ceilDiv(columns, size);
  }

  /**
   * Begins products of FP32 matrices in the precision that is asked for, on tensor cores where that is not FP32.
   *
   * @param file whose kernel takes these arguments
   */
  static void launch(Planning planning, String file, long matrices, int rows, int columns, Arguments arguments) {
    Precision precision = planning.precision();
    if (precision == Precision.F32) {
      planning.launch(new Kernel(file, file), grid(matrices, rows, columns), arguments);
      return;
    }
    boolean large = matrices * count(rows, columns, LARGE) >= ENOUGH;
    int size = large ? LARGE : SIZE;
    planning.launch(new Kernel("tensor", file + "_" + precision.word() + "_" + size),
        grid(matrices, rows, columns, size), arguments);
  }
}
