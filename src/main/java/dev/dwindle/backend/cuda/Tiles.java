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
  /** About what a layer sums at least: less would not be worth another launch. */
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
   * @param then  null where the kernel takes no chain
   * @param added null where nothing is
   * @param rows  as {@code y} lies in memory, with its columns
   * @param down  how far numbers that are added lie apart in a column
   * @param right and in a row
   */
  record Ending(Place y, Chain then, Place added, float alpha, float beta, int rows, int columns, int down, int right) {
    /** Products alone. */
    static Ending of(Place y, int rows, int columns) {
      return new Ending(y, null, null, 1, 0, rows, columns, 0, 0);
    }
  }

  /** The arguments of a kernel before those that all have, for a result and what is added to it; both are null where the kernel writes parts of sums. */
  interface Beginning {
    Arguments of(Place y, Place added);
  }

  /**
   * Begins products of matrices on tensor cores where the GPU's take these numbers: those of 16 bits as they are, FLOAT rounded to TF32 where the precision allows it. Else in FP32.
   *
   * @param file whose kernel takes these arguments, and then what follows
   */
  static void launch(Planning planning, String file, Products products, Beginning beginning, Ending ending) {
    if (!planning.has(narrowest(planning, products.dtype))) {
      launch(planning, new Kernel(file, file).over(products.dtype), SIZE, products, beginning, ending);
      return;
    }
    boolean large = products.matrices * count(products.rows, products.columns, LARGE) >= ENOUGH;
    int size = large ? LARGE : SIZE;
    launch(planning, new Kernel("tensor", file + "_tensor_" + size).over(products.dtype), size, products, beginning,
        ending);
  }

  /** Begins products of matrices of 16 bits whose rows are whole runs. */
  static void launchRuns(Planning planning, Products products, Beginning beginning, Ending ending) {
    launch(planning, new Kernel("gemm", "gemm").over(products.dtype), LARGE, products, beginning, ending);
  }

  /** Begins products by a kernel of tiles of FP32, which takes no chain. */
  static void launch(Planning planning, Kernel kernel, Products products, Beginning beginning, Ending ending) {
    launch(planning, kernel, SIZE, products, beginning, ending);
  }

  /** In layers that each sum a share of the inner dimension, where there are too few tiles for all processors and it is long enough. */
  private static void launch(Planning planning, Kernel kernel, int size, Products products, Beginning beginning,
      Ending ending) {
    long blocks = Math.max(1, Math.multiplyExact(products.matrices, count(products.rows, products.columns, size)));
    int most = (int) Math.max(1, Math.min(ENOUGH / blocks, products.inner / LEAST_SHARE));
    int share = Math.multiplyExact(Math.max(1, Math.ceilDiv(Math.ceilDiv(products.inner, most), SHARES_OF)), SHARES_OF);
    int layers = Math.max(1, Math.ceilDiv(products.inner, share));
    long numbers = products.numbers();
    Place parts = layers == 1 ? null : planning.scratch(Math.multiplyExact(DType.FLOAT.bytes(numbers), layers));
    boolean whole = parts == null;
    Arguments arguments = beginning.of(whole ? ending.y : null, whole ? ending.added : null);
    if (ending.then != null) (whole ? ending.then : Chain.NONE).add(arguments, planning);
    planning.launch(kernel, Grid.ofBlocks(blocks, THREADS).layers(layers),
        arguments.at(parts).int64(numbers).int32(share));
    if (whole) return;
    Arguments summed = new Arguments().at(parts).int64(numbers).int32(layers).at(ending.added).at(ending.y)
        .float32(ending.alpha).float32(ending.beta).int32(ending.rows).int32(ending.columns).int32(ending.down)
        .int32(ending.right);
    planning.launch(new Kernel("product", "summed").over(products.dtype), Grid.ofElements(numbers),
        (ending.then == null ? Chain.NONE : ending.then).add(summed, planning));
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
