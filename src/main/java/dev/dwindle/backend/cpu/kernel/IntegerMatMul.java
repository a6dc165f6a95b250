package dev.dwindle.backend.cpu.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A product of 8-bit matrices prepared for one shape, exact to the bit: ONNX MatMulInteger with 32-bit results and
 * QLinearMatMul with requantized ones. Results are row-major, batch after batch.
 */
public final class IntegerMatMul {
  private final MatMul.Shape shape;
  private final MatMul.Layout a;
  private final MatMul.Layout b;
  private final boolean constant;
  private final int partLength;
  private final List<MatMul> parts = new ArrayList<>();

  private IntegerMatMul(MatMul.Shape shape, MatMul.Layout a, MatMul.Layout b, float[] weights) {
    this.shape = shape;
    this.a = a;
    this.b = b;
    constant = weights != null;
    int k = shape.k();
    int length = k;
    while (!exact(length, weights)) {
      length = (length + 1) / 2;
    }
    partLength = length;
    for (int from = 0; from < k; from += partLength) {
      parts.add(part(Math.min(partLength, k - from), weights, from));
    }
  }

  private boolean exact(int terms, float[] weights) {
    return weights == null
        ? ExactSums.exact(terms)
        : ExactSums.exact(weights, shape.n(), 1, shape.k(), shape.n(), terms);
  }

  private MatMul part(int terms, float[] weights, int from) {
    int m = shape.m();
    int n = shape.n();
    MatMul.Shape part = new MatMul.Shape(shape.batch(), m, n, terms);
    MatMul.Layout left = new MatMul.Layout(shape.k(), 1, dense(a, m * shape.k()));
    MatMul.Layout result = new MatMul.Layout(n, 1, dense(shape.batch(), m * n));
    return constant
        ? MatMul.withWeights(part, left, new MatMul.Layout(n, 1, from * n), result, Finish.NONE, weights)
        : MatMul.of(part, left, new MatMul.Layout(n, 1, dense(b, shape.k() * n)), result, Finish.NONE);
  }

  private static int[] dense(MatMul.Layout layout, int size) {
    return dense(layout.starts().length, size);
  }

  private static int[] dense(int count, int size) {
    int[] starts = new int[count];
    for (int i = 0; i < count; i++) {
      starts[i] = i * size;
    }
    return starts;
  }

  /** A product of two activations. */
  public static IntegerMatMul of(MatMul.Shape shape, MatMul.Layout a, MatMul.Layout b) {
    return new IntegerMatMul(shape, a, b, null);
  }

  /** A product with a constant right operand, shared by the batch and packed here. */
  public static IntegerMatMul withWeights(MatMul.Shape shape, MatMul.Layout a, MatMul.Layout b, Quantized weights) {
    float[] values = new float[Math.multiplyExact(shape.k(), shape.n())];
    expand(weights, b, shape.k(), shape.n(), false, 0, values, 0);
    return new IntegerMatMul(shape, a, b, values);
  }

  private int leftFloats() {
    return Math.multiplyExact(a.starts().length, shape.m() * shape.k());
  }

  private int rightFloats() {
    return constant ? 0 : Math.multiplyExact(b.starts().length, shape.k() * shape.n());
  }

  private int results() {
    return Math.multiplyExact(shape.batch(), shape.m() * shape.n());
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects. */
  public int scratch() {
    return leftFloats() + rightFloats() + results() + parts.getFirst().scratch();
  }

  /**
   * Binds the product to its memory, with 32-bit results.
   *
   * @param left its zero points are read at each run: one, or one for each row
   * @param right null with weights; its zero points: one, or one for each column
   */
  public Step on(Quantized left, Quantized right, IntSlice result, Slice scratch) {
    Slice rightFloats = scratch.plus(leftFloats());
    Slice sums = rightFloats.plus(rightFloats());
    Slice rest = sums.plus(results());
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Slice from = scratch.plus(i * partLength);
      Slice by = constant ? null : rightFloats.plus(i * partLength * shape.n());
      steps.add(parts.get(i).on(from, by, sums, null, rest));
    }
    Step add = ExactSums.add(steps, sums, result, results());
    Workers.Task expandLeft = (batch, local) -> expand(left, a, shape.m(), shape.k(), true, batch, scratch.array(),
        scratch.offset());
    Workers.Task expandRight = (batch, local) -> expand(right, b, shape.k(), shape.n(), false, batch,
        rightFloats.array(), rightFloats.offset());
    return workers -> {
      workers.run(a.starts().length, expandLeft);
      if (!constant) {
        workers.run(b.starts().length, expandRight);
      }
      add.run(workers);
    };
  }

  /** Binds the product to its memory, with requantized results; a channel is a column. */
  public Step on(Quantized left, Quantized right, ByteSlice result, Requantization scales, Slice scratch) {
    IntSlice sums = new IntSlice(new int[results()], 0);
    Step product = on(left, right, sums, scratch);
    int n = shape.n();
    Workers.Task requantize = (row, local) -> scales.channels(0, sums.array(), row * n, result.array(),
        result.offset() + row * n, n);
    return workers -> {
      product.run(workers);
      workers.run(shape.batch() * shape.m(), requantize);
    };
  }

  /** Writes one member of a batch row-major, less its zero points, at its place in {@code y}. */
  private static void expand(Quantized x, MatMul.Layout layout, int rows, int columns, boolean zeroOfRow, int batch,
      float[] y, int to) {
    int at = to + batch * rows * columns;
    for (int r = 0; r < rows; r++, at += columns) {
      int from = layout.start(batch) + r * layout.rowStride();
      if (layout.columnStride() == 1 && (zeroOfRow || x.zeros() == 1)) {
        ByteLoops.expand(x.values(), from, x.zero(zeroOfRow ? r : 0), y, at, columns);
      } else {
        for (int c = 0; c < columns; c++) {
          y[at + c] = x.values().get(from + c * layout.columnStride()) - x.zero(zeroOfRow ? r : c);
        }
      }
    }
  }
}
