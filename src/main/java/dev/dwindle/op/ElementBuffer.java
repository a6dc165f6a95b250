package dev.dwindle.op;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The elements of a tensor in the making, of any type: they are copied from other tensors and never read as numbers.
 * Offsets, strides and counts are in elements. New elements are zero (empty strings).
 */
final class ElementBuffer {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final DType dtype;
  private final Shape shape;
  private final MemorySegment bytes;
  private final byte[][] strings;

  ElementBuffer(DType dtype, Shape shape) {
    this.dtype = dtype;
    this.shape = shape;
    if (dtype == DType.STRING) {
      bytes = null;
      strings = new byte[shape.intSize()][0];
      return;
    }
    strings = null;
    long size = dtype.bytes(shape.size());
    if (size > Integer.MAX_VALUE - 16) {
      throw new InvalidInputException(
          "tensor " + dtype.text() + shape + ": needs " + size + " bytes, expected at most 2^31 - 17 here");
    }
    bytes = MemorySegment.ofArray(new byte[(int) size]);
  }

  /** A buffer that begins with the elements of a tensor. */
  static ElementBuffer copyOf(Tensor tensor) {
    ElementBuffer buffer = new ElementBuffer(tensor.dtype(), tensor.shape());
    buffer.copy(tensor, 0, 0, tensor.size());
    return buffer;
  }

  /**
   * Where the elements of a box lie.
   *
   * @param offset of the first one
   * @param strides by axis; zero and negative ones too
   */
  record Layout(long offset, long[] strides) {}

  /** A tensor of this shape whose element at an index is {@code source[offset + index . strides]}. */
  static Tensor view(Tensor source, Shape shape, long offset, long[] strides) {
    ElementBuffer buffer = new ElementBuffer(source.dtype(), shape);
    buffer.copy(source, new Layout(offset, strides), new Layout(0, shape.strides()), shape.dims());
    return buffer.tensor();
  }

  /** The finished tensor; the buffer must not be changed afterwards. */
  Tensor tensor() {
    return strings == null ? Tensor.wrap(dtype, shape, bytes) : Tensor.ofStrings(shape, Arrays.asList(strings));
  }

  /** Copies a run of elements. */
  void copy(Tensor from, long at, long to, long count) {
    new Source(from).row(at, 1, to, 1, count);
  }

  /** Sets every element to one element of a tensor. */
  void fill(Tensor from, long at) {
    new Source(from).row(at, 0, 0, 1, shape.size());
  }

  /** Copies a box of elements from one layout to another. */
  void copy(Tensor from, Layout source, Layout target, long[] dims) {
    Source elements = new Source(from);
    Rows.walk(dims, source.strides, target.strides,
        (a, stepA, b, stepB, count) -> elements.row(source.offset + a, stepA,
            target.offset + b, stepB, count));
  }

  /** A tensor whose elements go into this buffer, row by row. */
  private final class Source {
    private final Tensor tensor;
    private final MemorySegment source;

    Source(Tensor tensor) {
      if (tensor.dtype() != dtype) {
        throw new InvalidInputException("elements: found " + tensor.dtype().text() + ", expected " + dtype.text()
            + " as in the other inputs");
      }
      this.tensor = tensor;
      this.source = strings == null ? tensor.segment() : null;
    }

    void row(long at, long step, long to, long toStep, long count) {
      int width = dtype.bits() / 8;
      if (strings != null) {
        for (long i = 0; i < count; i++) {
          strings[(int) (to + i * toStep)] = tensor.strings().get((int) (at + i * step));
        }
      } else if (width == 0) {
        packedRow(at, step, to, toStep, count);
      } else if (step == 1 && toStep == 1 && count > 4) {
        MemorySegment.copy(source, at * width, bytes, to * width, count * width);
      } else {
        stridedRow(at, step, to, toStep, count);
      }
    }

    private void stridedRow(long at, long step, long to, long toStep, long count) {
      switch (dtype.bits()) {
        case 8 -> {
          for (long i = 0; i < count; i++) {
            bytes.set(BYTE, to + i * toStep, source.get(BYTE, at + i * step));
          }
        }
        case 16 -> {
          for (long i = 0; i < count; i++) {
            bytes.set(SHORT, 2 * (to + i * toStep), source.get(SHORT, 2 * (at + i * step)));
          }
        }
        case 32 -> {
          for (long i = 0; i < count; i++) {
            bytes.set(INT, 4 * (to + i * toStep), source.get(INT, 4 * (at + i * step)));
          }
        }
        case 64 -> {
          for (long i = 0; i < count; i++) {
            bytes.set(LONG, 8 * (to + i * toStep), source.get(LONG, 8 * (at + i * step)));
          }
        }
        default -> {
          for (long i = 0; i < count; i++) {
            MemorySegment.copy(source, 16 * (at + i * step), bytes, 16 * (to + i * toStep), 16);
          }
        }
      }
    }

    private void packedRow(long at, long step, long to, long toStep, long count) {
      int width = dtype.bits();
      int perByte = 8 / width;
      int mask = (1 << width) - 1;
      for (long i = 0; i < count; i++) {
        long x = at + i * step;
        long y = to + i * toStep;
        int value = source.get(BYTE, x / perByte) >>> (int) (x % perByte) * width & mask;
        int shift = (int) (y % perByte) * width;
        int rest = bytes.get(BYTE, y / perByte) & ~(mask << shift);
        bytes.set(BYTE, y / perByte, (byte) (rest | value << shift));
      }
    }
  }
}
