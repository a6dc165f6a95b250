package dev.dwindle.pack;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The widths of vectors here. */
final class Species {
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
  static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;

  /** Four integers at a time would win nothing, and have no vector of a byte for each; wider vectors were not tried. */
  static final boolean WIDE = INTS.length() == 8 || INTS.length() == 16;

  /** A short and a byte for each lane of {@link #INTS}, and a byte for each lane of {@link #SHORTS}. */
  static final VectorSpecies<Short> INTS_AS_SHORTS = WIDE ? species(short.class, 16 * INTS.length()) : SHORTS;
  static final VectorSpecies<Byte> INTS_AS_BYTES = WIDE ? species(byte.class, 8 * INTS.length()) : BYTES;
  static final VectorSpecies<Byte> SHORTS_AS_BYTES = WIDE ? species(byte.class, 8 * SHORTS.length()) : BYTES;

  private Species() {}

  private static <T> VectorSpecies<T> species(Class<T> type, int bits) {
    return VectorSpecies.of(type, VectorShape.forBitSize(bits));
  }
}
