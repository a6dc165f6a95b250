package dev.dwindle.op;

import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;

/**
 * An order on the slices of an axis: by their elements, one after the other. Numbers are compared as longs that keep
 * their order; NaN is the greatest, and equal to itself.
 */
final class SortKeys implements Comparator<Integer> {
  private final long[] keys;
  private final byte[][] strings;
  private final int inner;
  private final int count;
  private final int outer;

  private SortKeys(long[] keys, byte[][] strings, Shape shape, int axis) {
    this.keys = keys;
    this.strings = strings;
    this.inner = (int) shape.product(axis + 1, shape.rank());
    this.count = shape.intDim(axis);
    this.outer = (int) shape.product(0, axis);
  }

  static SortKeys of(Tensor tensor, int axis) {
    boolean text = tensor.dtype() == DType.STRING;
    return new SortKeys(text ? null : keys(tensor), text ? tensor.strings().toArray(byte[][]::new) : null,
        tensor.shape(), axis);
  }

  /** For each element a long, so that elements compare as these do. */
  static long[] keys(Tensor tensor) {
    if (tensor.dtype().isFloating()) {
      double[] values = Elements.doubles(tensor);
      long[] keys = new long[values.length];
      for (int i = 0; i < keys.length; i++) {
        long bits = Double.doubleToLongBits(values[i] + 0.0);
        keys[i] = bits ^ ((bits >> 63) & Long.MAX_VALUE);
      }
      return keys;
    }
    long[] keys = Elements.longs(tensor);
    for (int i = 0; tensor.dtype() == DType.UINT64 && i < keys.length; i++) {
      keys[i] ^= Long.MIN_VALUE;
    }
    return keys;
  }

  @Override
  public int compare(Integer a, Integer b) {
    for (int o = 0; o < outer; o++) {
      int atA = (o * count + a) * inner;
      int atB = (o * count + b) * inner;
      for (int i = 0; i < inner; i++) {
        int order = strings == null ? Long.compare(keys[atA + i], keys[atB + i])
            : Arrays.compareUnsigned(strings[atA + i], strings[atB + i]);
        if (order != 0) {
          return order;
        }
      }
    }
    return 0;
  }
}
