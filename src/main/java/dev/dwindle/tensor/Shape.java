package dev.dwindle.tensor;

import java.util.Arrays;

/** The dimensions of a tensor, all known and none negative; rank 0 is a scalar. */
public final class Shape {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(new long[0]);

  private final long[] dims;
  private final long size;

  private Shape(long[] dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new InvalidInputException(
            "shape " + Arrays.toString(dims) + ": found dimension " + dim + ", expected 0 or more");
      }
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new InvalidInputException("shape " + Arrays.toString(dims) + ": has more than 2^63 elements", e);
      }
    }
    this.dims = dims;
    this.size = product;
  }

  /** A shape of these dimensions. */
  public static Shape of(long... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  /** The dimension of an axis; negative axes count from the end; fails plainly where there is no such axis. */
  public long dim(int axis) {
    if (axis < -dims.length || axis >= dims.length) {
      throw new InvalidInputException("shape " + this + ": has " + dims.length + " axes, expected an axis " + axis);
    }
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /** A dimension as an int; fails plainly where it does not fit. */
  public int intDim(int axis) {
    long dim = dim(axis);
    if (dim > Integer.MAX_VALUE) {
      throw new InvalidInputException("shape " + this + ": has dimension " + dim + ", expected at most 2^31 - 1 here");
    }
    return (int) dim;
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** Number of elements as an int, for heap arrays. */
  public int intSize() {
    if (size > Integer.MAX_VALUE - 16) {
      throw new InvalidInputException("shape " + this + ": has " + size + " elements, expected at most 2^31 - 17 here");
    }
    return (int) size;
  }

  /** A copy of the dimensions. */
  public long[] dims() {
    return dims.clone();
  }

  /** Product of the dimensions from {@code from} (inclusive) to {@code to} (exclusive). */
  public long product(int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }

  /** Row-major strides, in elements. */
  public long[] strides() {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= dims[i];
    }
    return strides;
  }

  /** This shape with one axis changed. */
  public Shape with(int axis, long dim) {
    long[] changed = dims.clone();
    changed[axis < 0 ? axis + dims.length : axis] = dim;
    return new Shape(changed);
  }

  /** The shape to which both broadcast (ONNX, "Multidirectional Broadcasting"). */
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.rank() ? a.dim(-i) : 1;
      long y = i <= b.rank() ? b.dim(-i) : 1;
      if (x != y && x != 1 && y != 1) {
        throw new InvalidInputException(
            "broadcast: found shapes " + a + " and " + b + ", expected equal dimensions or 1");
      }
      dims[rank - i] = x == 1 ? y : x;
    }
    return new Shape(dims);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** {@code [1,3,224,224]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims).replace(" ", "");
  }
}
