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
  /** What a layer sums at least, or it would take less time than to begin another launch. */
  private static final int LEAST_SHARE = 256;
  /** As kernels bring numbers to shared memory: shares are whole panels of any kernel. */
  private static final int SHARES_OF = 32;

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

  /** Products of so many matrices of one size. */
  record Products(DType dtype, long matrices, int rows, int inner, int columns) {
    long numbers() {
      return Math.multiplyExact(matrices, (long) rows * columns);
    }
  }

  /**
   * What becomes of products: {@code y = then(alpha product + beta added)}.
   *
   * @param added null where nothing is
   * @param rows  as {@code y} lies in memory, with its columns
   * @param down  how far numbers that are added lie apart in a column
   * @param right and in a row
   */
  record Ending(Place y, Chain then, Place added, float alpha, float beta, int rows, int columns, int down, int right) {
    /** Products alone. */
    static Ending of(Place y, int rows, int columns) {
      return new Ending(y, Chain.NONE, null, 1, 0, rows, columns, 0, 0);
    }
  }

  /**
   * Begins products of matrices on tensor cores where the GPU's take these numbers: those of 16 bits as they are, FLOAT rounded to TF32 where the precision allows it. Else in FP32.
   *
   * @param file whose kernel takes these arguments, and then what follows
   */
  static void launch(Planning planning, String file, Products products, Arguments arguments, Ending ending) {
    ending.then.add(arguments, planning);
    if (!planning.has(narrowest(planning, products.dtype))) {
      launch(planning, new Kernel(file, file).over(products.dtype), SIZE, products, arguments, ending);
      return;
    }
    boolean large = products.matrices * count(products.rows, products.columns, LARGE) >= ENOUGH;
    int size = large ? LARGE : SIZE;
    launch(planning, new Kernel("tensor", file + "_tensor_" + size).over(products.dtype), size, products, arguments,
        ending);
  }

  /** Begins products of matrices of 16 bits whose rows are whole runs. */
  static void launchRuns(Planning planning, Products products, Arguments arguments, Ending ending) {
    launch(planning, new Kernel("gemm", "gemm").over(products.dtype), LARGE, products,
        ending.then.add(arguments, planning), ending);
  }

  /** Begins products by a kernel of tiles of FP32 that nothing follows. */
  static void launch(Planning planning, Kernel kernel, Products products, Arguments arguments, Ending ending) {
    launch(planning, kernel, SIZE, products, arguments, ending);
  }

  /** In layers that each sum a share of the inner dimension, where there are too few tiles for all processors and it is long enough. */
  private static void launch(Planning planning, Kernel kernel, int size, Products products, Arguments arguments,
      Ending ending) {
    long blocks = Math.max(1, Math.multiplyExact(products.matrices, count(products.rows, products.columns, size)));
    long most = blocks >= ENOUGH ? 1 : Math.min(2 * ENOUGH / blocks, products.inner / LEAST_SHARE);
    int share = Math.ceilDiv(Math.max(1, Math.ceilDiv(products.inner, (int) Math.max(1, most))), SHARES_OF) * SHARES_OF;
    int layers = Math.max(1, Math.ceilDiv(products.inner, share));
    Place parts = layers == 1 ? null
        : planning.scratch(Math.multiplyExact(DType.FLOAT.bytes(products.numbers()), layers));
    planning.launch(kernel, Grid.ofBlocks(blocks, THREADS).layers(layers),
        arguments.at(parts).int64(products.numbers()).int32(share));
    if (parts == null) return;
    Arguments summed = new Arguments().at(parts).int64(products.numbers()).int32(layers).at(ending.added).at(ending.y)
        .float32(ending.alpha).float32(ending.beta).int32(ending.rows).int32(ending.columns).int32(ending.down)
        .int32(ending.right);
    planning.launch(new Kernel("product", "summed").over(products.dtype), Grid.ofElements(products.numbers()),
        ending.then.add(summed, planning));
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
