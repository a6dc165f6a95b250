package dev.dwindle.pack;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/** The loops of {@link Planes} over vectors: they do the first numbers, of two or four bytes, and tell how many. */
final class PlaneVectors {
  private PlaneVectors() {}

  static int split(byte[] numbers, int width, int place, byte[] plane) {
    if (!Species.WIDE) return 0;
    return switch (width) {
      case 2 -> splitTwo(numbers, 8 * place, plane);
      case 4 -> splitFour(numbers, 8 * place, plane);
      default -> 0;
    };
  }

  private static int splitTwo(byte[] numbers, int shift, byte[] plane) {
    int whole = Species.SHORTS.loopBound(plane.length);
    for (int i = 0; i < whole; i += Species.SHORTS.length()) {
      ShortVector v = ByteVector.fromArray(Species.BYTES, numbers, 2 * i).reinterpretAsShorts();
      v = v.lanewise(VectorOperators.LSHR, shift);
      ((ByteVector) v.convertShape(VectorOperators.S2B, Species.SHORTS_AS_BYTES, 0)).intoArray(plane, i);
    }
    return whole;
  }

  private static int splitFour(byte[] numbers, int shift, byte[] plane) {
    int whole = Species.INTS.loopBound(plane.length);
    for (int i = 0; i < whole; i += Species.INTS.length()) {
      IntVector v = ByteVector.fromArray(Species.BYTES, numbers, 4 * i).reinterpretAsInts();
      v = v.lanewise(VectorOperators.LSHR, shift);
      ((ByteVector) v.convertShape(VectorOperators.I2B, Species.INTS_AS_BYTES, 0)).intoArray(plane, i);
    }
    return whole;
  }

  static int join(byte[][] planes, byte[] numbers, int count) {
    if (!Species.WIDE) return 0;
    return switch (planes.length) {
      case 2 -> joinTwo(planes[0], planes[1], numbers, count);
      case 4 -> joinFour(planes[0], planes[1], planes[2], planes[3], numbers, count);
      default -> 0;
    };
  }

  private static int joinTwo(byte[] high, byte[] low, byte[] numbers, int count) {
    int whole = Species.SHORTS.loopBound(count);
    for (int i = 0; i < whole; i += Species.SHORTS.length()) {
      ShortVector v = shorts(high, i).lanewise(VectorOperators.LSHL, 8).or(shorts(low, i));
      v.reinterpretAsBytes().intoArray(numbers, 2 * i);
    }
    return whole;
  }

  private static int joinFour(byte[] a, byte[] b, byte[] c, byte[] d, byte[] numbers, int count) {
    int whole = Species.INTS.loopBound(count);
    for (int i = 0; i < whole; i += Species.INTS.length()) {
      IntVector high = ints(a, i).lanewise(VectorOperators.LSHL, 24).or(ints(b, i).lanewise(VectorOperators.LSHL, 16));
      IntVector low = ints(c, i).lanewise(VectorOperators.LSHL, 8).or(ints(d, i));
      high.or(low).reinterpretAsBytes().intoArray(numbers, 4 * i);
    }
    return whole;
  }

  private static IntVector ints(byte[] plane, int at) {
    return (IntVector) ByteVector.fromArray(Species.INTS_AS_BYTES, plane, at)
        .convertShape(VectorOperators.ZERO_EXTEND_B2I, Species.INTS, 0);
  }

  private static ShortVector shorts(byte[] plane, int at) {
    return (ShortVector) ByteVector.fromArray(Species.SHORTS_AS_BYTES, plane, at)
        .convertShape(VectorOperators.ZERO_EXTEND_B2S, Species.SHORTS, 0);
  }
}
