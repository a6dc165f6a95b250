package dev.dwindle.op;

import dev.dwindle.tensor.Shape;

/**
 * Which scale (and zero point) belongs to which element: one for all, one for each index of an axis, or one for each
 * block along an axis (ONNX, QuantizeLinear). The elements fall into {@code rows} of {@code length}; element {@code i} of
 * a row has the scale {@link #first} of the row plus {@code i * step}.
 */
public record Scales(int rows, int length, int axisSize, int blockSize, int blocks, int step) {

  /** The scales of shape {@code scale} over elements of shape {@code x}, by attributes {@code axis} and {@code block_size}. */
  public static Scales of(Call call, Shape x, Shape scale) {
    if (scale.size() == 1 && scale.rank() <= 1) {
      return new Scales(1, x.intSize(), 1, 1, 1, 0);
    }
    long blockSize = call.integer("block_size", 0);
    if (blockSize < 0 || blockSize > Integer.MAX_VALUE) {
      throw call.invalid("block_size is " + blockSize + ", expected 0 or more");
    }
    int axis = axis(call, x.rank());
    Shape expected = blockSize == 0 ? Shape.of(x.dim(axis)) : x.with(axis, Math.ceilDiv(x.dim(axis), blockSize));
    if (!scale.equals(expected)) {
      throw call.invalid("scale is of shape " + scale + ", expected " + expected + " for an input of shape " + x
          + ", axis " + axis + " and block_size " + blockSize);
    }
    int size = x.intDim(axis);
    int rows = (int) x.product(0, axis) * size;
    int length = (int) x.product(axis + 1, x.rank());
    return blockSize == 0 ? new Scales(rows, length, size, 1, 0, 0)
        : new Scales(rows, length, size, (int) blockSize, (int) expected.dim(axis), 1);
  }

  /** The axis of the scales; a vector has only one, whatever the attribute says. */
  private static int axis(Call call, int rank) {
    return rank == 1 ? 0 : call.axis(call.integer("axis", 1), rank);
  }

  /** The scale of the first element of a row. */
  int first(int row) {
    int index = row % axisSize;
    return step == 0 ? index : (row / axisSize * blocks + index / blockSize) * length;
  }

  /** Requires that there is a zero point for every scale. */
  public static void requireZeroPoints(Call call, Shape scale, Shape zero) {
    if (!zero.equals(scale) && (zero.size() != 1 || scale.size() != 1)) {
      throw call.invalid("zero point is of shape " + zero + ", expected that of the scale, " + scale);
    }
  }

  /** The zero points in input 2, one for every scale in input 1; all 0 where there are none. */
  static float[] zeroPoints(Evaluation call) {
    Shape scale = call.shape(1);
    if (!call.has(2)) {
      return new float[scale.intSize()];
    }
    requireZeroPoints(call, scale, call.shape(2));
    return call.floats(2);
  }
}
