package dev.dwindle.quant;

import dev.dwindle.tensor.Shape;

/**
 * Which elements of a tensor share a scale, as DequantizeLinear says it. The elements are {@code rows} matrices of {@code
 * block} by {@code inner}; each column of each matrix is one block.
 *
 * @param axis DequantizeLinear's attribute: the axis of the blocks, or of the scales where {@code blockSize} is 0
 * @param blockSize DequantizeLinear's attribute; 0 for one scale for each index of the axis
 * @param scaleShape shape of the scales, which stand in the order of the blocks
 */
public record BlockLayout(int rows, int block, int inner, int axis, int blockSize, Shape scaleShape) {
  /** Blocks along an axis; the block size must divide it. */
  public static BlockLayout blocks(Shape shape, int axis, int size) {
    int groups = shape.intDim(axis) / size;
    return new BlockLayout(Math.toIntExact(shape.product(0, axis) * groups), size,
        Math.toIntExact(shape.product(axis + 1, shape.rank())), axis, size, shape.with(axis, groups));
  }

  /** One scale for each index of the first axis. */
  public static BlockLayout perFirst(Shape shape) {
    return new BlockLayout(shape.intDim(0), Math.toIntExact(shape.product(1, shape.rank())), 1, 0, 0,
        Shape.of(shape.dim(0)));
  }

  /** One scale for each index of the last axis. */
  public static BlockLayout perLast(Shape shape) {
    int last = shape.rank() - 1;
    return new BlockLayout(1, Math.toIntExact(shape.product(0, last)), shape.intDim(last), last, 0,
        Shape.of(shape.dim(last)));
  }

  /** The largest size up to {@code most} that divides an axis: OpenVINO reads no block that is cut off at the end. */
  public static int divisor(long axis, int most) {
    int size = (int) Math.min(axis, most);
    while (axis % size != 0) {
      size--;
    }
    return size;
  }

  /** Number of blocks, each with a scale. */
  public int blocks() {
    return Math.multiplyExact(rows, inner);
  }
}
