package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.tensor.DType;

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
   * Begins products of matrices on tensor cores where the GPU's take these numbers: those of 16 bits as they are, FLOAT rounded to TF32 where the precision allows it. Else in FP32.
   *
   * @param file whose kernel takes these arguments
   */
  static void launch(Planning planning, String file, DType dtype, long matrices, int rows, int columns,
      Arguments arguments) {
    if (!planning.has(narrowest(planning, dtype))) {
      planning.launch(new Kernel(file, file).over(dtype), grid(matrices, rows, columns), arguments);
      return;
    }
    boolean large = matrices * count(rows, columns, LARGE) >= ENOUGH;
    int size = large ? LARGE : SIZE;
    planning.launch(new Kernel("tensor", file + "_tensor_" + size).over(dtype), grid(matrices, rows, columns, size),
        arguments);
  }

  /** Begins products of matrices of 16 bits whose rows are whole runs. */
  static void launchRuns(Planning planning, DType dtype, long matrices, int rows, int columns, Arguments arguments) {
    planning.launch(new Kernel("gemm", "gemm").over(dtype), grid(matrices, rows, columns, LARGE), arguments);
  }

  /** What tensor cores must know for these numbers; null where these are not for tensor cores. */
  private static Precision narrowest(Planning planning, DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> Precision.F16;
      case BFLOAT16 -> Precision.BF16;
      default -> planning.precision() == Precision.F32 ? null : Precision.TF32;
    };
  }
}
