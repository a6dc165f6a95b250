package dev.dwindle.pack;

import dev.dwindle.tensor.DType;
import java.util.List;

/**
 * How the bytes of a tensor make elements, as far as its type and sizes tell. A wrong guess costs bytes, nothing else.
 *
 * @param bits of an element: 4, or 8 times its {@code width}
 * @param width bytes of an element: 1, 2, 4 or 8
 * @param order what kind of number an element is
 * @param eighths whether the highest byte of a key holds an exponent and three bits more (FP16)
 * @param neighbours which elements belong together
 */
record Layout(int bits, int width, Order order, boolean eighths, Neighbours neighbours) {
  enum Order {
    FLOATING,
    SIGNED,
    UNSIGNED
  }

  /** The layout of a tensor of this ONNX type and of these sizes; both may be any numbers. */
  static Layout of(int dtype, List<Long> dims) {
    Neighbours neighbours = new Neighbours(1, 0);
    if (dims.size() >= 2) {
      int near = product(dims.subList(2, dims.size()));
      neighbours = new Neighbours(near, product(dims.subList(1, dims.size())));
    }
    DType type = DType.hasCode(dtype) ? DType.ofCode(dtype) : DType.UINT8;
    int bits = switch (type) {
      case COMPLEX64 -> 32;
      case COMPLEX128 -> 64;
      case STRING, BOOL -> 8;
      default -> type.bits() < 8 ? 4 : type.bits();
    };
    Order order = type.isFloating() || type == DType.COMPLEX64 ? Order.FLOATING
        : type.isInteger() && !type.isUnsigned() ? Order.SIGNED : Order.UNSIGNED;
    return new Layout(bits, Math.max(1, bits / 8), order, type == DType.FLOAT16, neighbours);
  }

  /** The product, or 0 where it is no number from 1 to 2^20. */
  private static int product(List<Long> sizes) {
    long product = 1;
    for (long size : sizes) {
      if (size < 1 || size > 1 << 20 || product * size > 1 << 20) return 0;
      product *= size;
    }
    return (int) product;
  }
}
