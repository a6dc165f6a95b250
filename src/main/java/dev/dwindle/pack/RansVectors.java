package dev.dwindle.pack;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/** The steps of {@link Rans} for a vector of states together: the same bytes, whatever the width of the vectors. */
final class RansVectors {
  private static final int LANES = Species.INTS.length();
  private static final VectorShuffle<Byte> BACKWARDS = VectorShuffle.iota(Species.INTS_AS_BYTES,
      Species.INTS_AS_BYTES.length() - 1,
      -1, false);

  /** A floating-point number with this added is an integer, and its lowest 23 bits are the number, rounded. */
  private static final float INTEGERS = 0x1p23f;
  private static final VectorShuffle<Short> WORDS_BACKWARDS = VectorShuffle.iota(Species.SHORTS,
      Species.SHORTS.length() - 1, -1, false);

  private RansVectors() {}

  /** How many of the first symbols can be coded here: a multiple of the states, where these fill vectors. */
  static int most(int count, int[] states) {
    return !Species.WIDE || states.length < LANES ? 0 : count & -states.length;
  }

  /** Reads so many symbols, a multiple of the states; returns the place behind the last word that was taken. */
  static int decode(int[] table, int scale, short[] words, int end, int[] states, byte[] symbols, int count) {
    int[] slots = new int[LANES];
    int at = 0;
    for (int i = 0; i < count && at <= end; i += states.length) {
      for (int k = 0; k < states.length; k += LANES)
        at += decode(table, scale, words, at, states, k, slots, symbols, i + k);
    }
    return at;
  }

  /** A step of a vector of states, in a method of its own, which is compiled sooner than a loop; returns how many words it took. */
  private static int decode(int[] table, int scale, short[] words, int at, int[] states, int k, int[] slots,
      byte[] symbols, int to) {
    IntVector x = IntVector.fromArray(Species.INTS, states, k);
    x.and((1 << scale) - 1).intoArray(slots, 0);
    IntVector entry = IntVector.fromArray(Species.INTS, table, 0, slots, 0);
    ((ByteVector) entry.convertShape(VectorOperators.I2B, Species.INTS_AS_BYTES, 0)).intoArray(symbols, to);
    IntVector place = entry.lanewise(VectorOperators.LSHR, 8).and(0xfff);
    x = x.lanewise(VectorOperators.LSHR, scale).mul(entry.lanewise(VectorOperators.LSHR, 20)).add(place);
    VectorMask<Integer> low = x.compare(VectorOperators.LT, Rans.LOW);
    IntVector next = (IntVector) ShortVector.fromArray(Species.INTS_AS_SHORTS, words, at)
        .convertShape(VectorOperators.ZERO_EXTEND_S2I, Species.INTS, 0);
    x.blend(x.lanewise(VectorOperators.LSHL, 16).or(next.expand(low)), low).intoArray(states, k);
    return low.trueCount();
  }

  /**
   * Codes so many symbols, a multiple of the states, the last one first.
   *
   * @param codes of each symbol the frequency (12 bits) and what those before it add up to
   * @param size how many words there are
   * @return how many there are then
   */
  static int encode(byte[] symbols, int count, int[] codes, int scale, int[] states, short[] words, int size) {
    float[] inverses = new float[256];
    for (int s = 0; s < 256; s++) inverses[s] = 1f / (codes[s] & 0xfff);
    int[] places = new int[LANES];
    int at = size;
    // States stand backwards, since words are written in the order from the last lane to the first.
    reverse(states);
    for (int i = count - states.length; i >= 0; i -= states.length) {
      for (int k = 0; k < states.length; k += LANES) {
        at += encode(symbols, i + states.length - LANES - k, codes, inverses, places, scale, states, k, words, at);
      }
    }
    reverse(states);
    return at;
  }

  private static int encode(byte[] symbols, int from, int[] codes, float[] inverses, int[] places, int scale,
      int[] states, int k, short[] words, int at) {
    ByteVector taken = ByteVector.fromArray(Species.INTS_AS_BYTES, symbols, from).rearrange(BACKWARDS);
    ((IntVector) taken.convertShape(VectorOperators.ZERO_EXTEND_B2I, Species.INTS, 0)).intoArray(places, 0);
    IntVector code = IntVector.fromArray(Species.INTS, codes, 0, places, 0);
    IntVector frequency = code.and(0xfff);
    IntVector x = IntVector.fromArray(Species.INTS, states, k);
    VectorMask<Integer> large = x.compare(VectorOperators.GE, frequency.lanewise(VectorOperators.LSHL, 31 - scale));
    ((ShortVector) x.compress(large).convertShape(VectorOperators.I2S, Species.INTS_AS_SHORTS, 0)).intoArray(words, at);
    x = x.lanewise(VectorOperators.LSHR, 16, large);
    // A quotient is below 2^21 and at most 0.25 off after three roundings; less 1 and rounded, it is right or 1 too small.
    IntVector quotient = ((FloatVector) x.convertShape(VectorOperators.I2F, Species.FLOATS, 0))
        .fma(FloatVector.fromArray(Species.FLOATS, inverses, 0, places, 0),
            FloatVector.broadcast(Species.FLOATS, INTEGERS - 1))
        .reinterpretAsInts().sub(Float.floatToRawIntBits(INTEGERS));
    IntVector rest = x.sub(quotient.mul(frequency));
    x = quotient.lanewise(VectorOperators.LSHL, scale).add(rest).add(code.lanewise(VectorOperators.LSHR, 12));
    x.add(frequency.neg().add(1 << scale), rest.compare(VectorOperators.GE, frequency)).intoArray(states, k);
    return large.trueCount();
  }

  /** Reverses words from both ends; returns how many of either. */
  static int reverse(short[] words, int size) {
    int lanes = Species.SHORTS.length();
    int i = 0;
    for (int j = size - lanes; i + lanes <= j; i += lanes, j -= lanes) {
      ShortVector first = ShortVector.fromArray(Species.SHORTS, words, i).rearrange(WORDS_BACKWARDS);
      ShortVector last = ShortVector.fromArray(Species.SHORTS, words, j).rearrange(WORDS_BACKWARDS);
      last.intoArray(words, i);
      first.intoArray(words, j);
    }
    return i;
  }

  private static void reverse(int[] states) {
    for (int i = 0, j = states.length - 1; i < j; i++, j--) {
      int x = states[i];
      states[i] = states[j];
      states[j] = x;
    }
  }
}
