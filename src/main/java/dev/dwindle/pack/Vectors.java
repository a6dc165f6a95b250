package dev.dwindle.pack;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The widths of vectors here, and when loops over them pay. */
final class Vectors {
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
  /** A vector of four integers wins nothing here, and vectors of four bytes do not exist. */
  private static final boolean WIDE = INTS.length() >= 8;
  /** A byte and a short for each lane of {@link #INTS}, and a byte for each lane of {@link #SHORTS}. */
  static final VectorSpecies<Byte> QUARTER = WIDE ? species(byte.class, 8 * INTS.length()) : BYTES;
  static final VectorSpecies<Short> HALF = WIDE ? species(short.class, 16 * INTS.length()) : SHORTS;
  static final VectorSpecies<Byte> HALF_BYTES = WIDE ? species(byte.class, 8 * SHORTS.length()) : BYTES;

  /** A process that does less is at its end before vectors, through which the interpreter goes lane by lane, are compiled. */
  private static final long ENOUGH = 1 << 27;
  private static long done;

  private Vectors() {}

  private static <T> VectorSpecies<T> species(Class<T> type, int bits) {
    return VectorSpecies.of(type, VectorShape.forBitSize(bits));
  }

  /** Whether a loop over so many bytes, the next of all in this process, should take vectors. */
  static boolean pay(int count) {
    if (done >= ENOUGH) return WIDE;
    done += count;
    return false;
  }
}
