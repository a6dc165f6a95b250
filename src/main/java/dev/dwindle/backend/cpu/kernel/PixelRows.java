package dev.dwindle.backend.cpu.kernel;

/**
 * A convolution with so few outputs that they would fill a small part of a vector: here they are the rows of a matrix
 * product and the features its columns, so that the vectors run along the features.
 */
final class PixelRows {
  private final Convolution.Shape shape;
  private final Activation activation;
  private final PhasePlanes planes;
  private final int[] taps;
  private final MatMul product;

  private PixelRows(Convolution.Shape shape, Finish finish, float[] packed) {
    this.shape = shape;
    activation = finish.activation();
    planes = new PhasePlanes(shape.window());
    taps = planes.taps(shape.channels());
    int depth = shape.depth();
    product = MatMul.withPacked(new MatMul.Shape(1, pixels(), shape.features(), depth), MatMul.Layout.rowMajor(depth),
        MatMul.Layout.transposed(depth), MatMul.Layout.rowMajor(shape.features()),
        new Finish(finish.bias(), Activation.NONE), packed);
  }

  /** With weights that {@link #packed} made. */
  static PixelRows withPacked(Convolution.Shape shape, Finish finish, float[] packed) {
    return new PixelRows(shape, finish, packed);
  }

  /** Constant weights as the right operand of the product. */
  static float[] packed(Convolution.Shape shape, float[] values) {
    return MatMul.packed(shape.depth(), shape.features(), MatMul.Layout.transposed(shape.depth()), values);
  }

  /** Whether this way is faster: four times the outputs would not fill a panel. */
  static boolean pays(Convolution.Shape shape) {
    return shape.groups() == 1 && shape.window().outPlane() <= ColumnPanels.WIDTH / 4
        && shape.features() >= ColumnPanels.WIDTH;
  }

  private int pixels() {
    return shape.window().outPlane();
  }

  private int planeFloats() {
    return Math.multiplyExact(shape.channels(), planes.floats());
  }

  /** Floats of scratch, shared by the threads: the planes, the rows, the product, and what that needs. */
  int scratch() {
    return Math.addExact(planeFloats(), pixels() * (shape.depth() + shape.features()) + product.scratch());
  }

  /** Floats of scratch of each thread. */
  int local() {
    return product.local();
  }

  /** Binds to memory, as {@link Convolution#on}. */
  Step on(Slice image, Slice result, Slice residual, Slice scratch) {
    int rows = scratch.offset() + planeFloats();
    int sums = rows + pixels() * shape.depth();
    Slice left = new Slice(scratch.array(), rows);
    Slice out = new Slice(scratch.array(), sums);
    Step multiply = product.on(left, null, out, null, new Slice(scratch.array(), sums + pixels() * shape.features()));
    return workers -> {
      for (int member = 0; member < shape.batch(); member++) {
        gather(image, member, scratch, rows);
        multiply.run(workers);
        spread(scratch.array(), sums, member, residual, result);
      }
    };
  }

  /** Writes the floats that each output sees, output by output. */
  private void gather(Slice image, int member, Slice scratch, int rows) {
    float[] s = scratch.array();
    for (int c = 0; c < shape.channels(); c++) {
      int from = image.offset() + (member * shape.channels() + c) * shape.window().inPlane();
      int to = scratch.offset() + c * planes.floats();
      planes.fill(image.array(), from, 0, s, to, to + planes.floats());
    }
    int width = shape.window().width().out();
    for (int pixel = 0, to = rows; pixel < pixels(); pixel++, to += taps.length) {
      int from = scratch.offset() + pixel / width * planes.rowStride() + pixel % width;
      for (int k = 0; k < taps.length; k++) {
        s[to + k] = s[from + taps[k]];
      }
    }
  }

  /** Turns outputs of features into features of outputs, adds the residual and applies the activation. */
  private void spread(float[] sums, int from, int member, Slice residual, Slice result) {
    int floats = shape.features() * pixels();
    int at = result.offset() + member * floats;
    if (residual == null) {
      for (int pixel = 0, s = from; pixel < pixels(); pixel++) {
        for (int d = at + pixel; d < at + floats; d += pixels(), s++) {
          result.array()[d] = sums[s];
        }
      }
    } else {
      int shift = residual.offset() - result.offset();
      for (int pixel = 0, s = from; pixel < pixels(); pixel++) {
        for (int d = at + pixel; d < at + floats; d += pixels(), s++) {
          result.array()[d] = sums[s] + residual.array()[d + shift];
        }
      }
    }
    activation.apply(result.array(), at, floats);
  }
}
