package dev.dwindle.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** Takes little-endian numbers apart into planes, each a byte of every number, and puts them together. */
final class Planes {
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Planes() {}

  /** The byte at a place, 0 for the lowest, of each number; with vectors or without. */
  static byte[] split(byte[] numbers, int width, int place, int count, boolean vectors) {
    byte[] plane = new byte[count];
    int done = vectors && width == 2 ? splitTwo(numbers, 8 * place, plane)
        : vectors && width == 4 ? splitFour(numbers, 8 * place, plane) : 0;
    // The compiler makes more of steps that it knows.
    switch (width) {
      case 1 -> System.arraycopy(numbers, 0, plane, 0, count);
      case 2 -> {
        for (int i = done; i < count; i++) plane[i] = numbers[2 * i + place];
      }
      case 4 -> {
        for (int i = done; i < count; i++) plane[i] = numbers[4 * i + place];
      }
      default -> {
        for (int i = done; i < count; i++) plane[i] = numbers[width * i + place];
      }
    }
    return plane;
  }

  private static int splitTwo(byte[] numbers, int shift, byte[] plane) {
    int whole = Vectors.SHORTS.loopBound(plane.length);
    for (int i = 0; i < whole; i += Vectors.SHORTS.length()) {
      ShortVector v = ByteVector.fromArray(Vectors.BYTES, numbers, 2 * i).reinterpretAsShorts();
      ((ByteVector) v.lanewise(VectorOperators.LSHR, shift).convertShape(VectorOperators.S2B, Vectors.HALF_BYTES, 0))
          .intoArray(plane,
              i);
    }
    return whole;
  }

  private static int splitFour(byte[] numbers, int shift, byte[] plane) {
    int whole = Vectors.INTS.loopBound(plane.length);
    for (int i = 0; i < whole; i += Vectors.INTS.length()) {
      IntVector v = ByteVector.fromArray(Vectors.BYTES, numbers, 4 * i).reinterpretAsInts();
      ((ByteVector) v.lanewise(VectorOperators.LSHR, shift).convertShape(VectorOperators.I2B, Vectors.QUARTER, 0))
          .intoArray(plane, i);
    }
    return whole;
  }

  /** The numbers of planes, the one of the highest bytes first; with vectors or without. */
  static void join(byte[][] planes, byte[] numbers, int count, boolean vectors) {
    switch (planes.length) {
      case 1 -> System.arraycopy(planes[0], 0, numbers, 0, count);
      case 2 -> joinTwo(planes[0], planes[1], numbers, count, vectors);
      case 4 -> joinFour(planes[0], planes[1], planes[2], planes[3], numbers, count, vectors);
      default -> {
        for (int i = 0, at = 0; i < count; i++) {
          for (int p = planes.length - 1; p >= 0; p--) numbers[at++] = planes[p][i];
        }
      }
    }
  }

  private static void joinTwo(byte[] high, byte[] low, byte[] numbers, int count, boolean vectors) {
    int whole = vectors ? Vectors.SHORTS.loopBound(count) : 0;
    for (int i = 0; i < whole; i += Vectors.SHORTS.length()) {
      ShortVector v = shorts(high, i).lanewise(VectorOperators.LSHL, 8).or(shorts(low, i));
      v.reinterpretAsBytes().intoArray(numbers, 2 * i);
    }
    for (int i = whole; i < count; i++) {
      numbers[2 * i] = low[i];
      numbers[2 * i + 1] = high[i];
    }
  }

  private static void joinFour(byte[] a, byte[] b, byte[] c, byte[] d, byte[] numbers, int count, boolean vectors) {
    int whole = vectors ? Vectors.INTS.loopBound(count) : 0;
    for (int i = 0; i < whole; i += Vectors.INTS.length()) {
      IntVector high = ints(a, i).lanewise(VectorOperators.LSHL, 24).or(ints(b, i).lanewise(VectorOperators.LSHL, 16));
      IntVector low = ints(c, i).lanewise(VectorOperators.LSHL, 8).or(ints(d, i));
      high.or(low).reinterpretAsBytes().intoArray(numbers, 4 * i);
    }
    for (int i = whole; i < count; i++) {
      int low = c[i] << 8 & 0xff00 | d[i] & 0xff;
      INT.set(numbers, 4 * i, a[i] << 24 | (b[i] & 0xff) << 16 | low);
    }
  }

  private static IntVector ints(byte[] plane, int at) {
    return (IntVector) ByteVector.fromArray(Vectors.QUARTER, plane, at).convertShape(VectorOperators.ZERO_EXTEND_B2I,
        Vectors.INTS, 0);
  }

  private static ShortVector shorts(byte[] plane, int at) {
    return (ShortVector) ByteVector.fromArray(Vectors.HALF_BYTES, plane, at)
        .convertShape(VectorOperators.ZERO_EXTEND_B2S, Vectors.SHORTS, 0);
  }
}
