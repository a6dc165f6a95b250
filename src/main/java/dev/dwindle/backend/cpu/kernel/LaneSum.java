package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sum of the lanes of a vector, halves upon halves. {@link FloatVector#reduceLanes} adds in another order once it
 * is compiled than before, so that its last bits depend on when the compiler comes.
 */
final class LaneSum {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final VectorShuffle<Float> BY_1 = by(1);
  private static final VectorShuffle<Float> BY_2 = by(2);
  private static final VectorShuffle<Float> BY_4 = by(4);
  private static final VectorShuffle<Float> BY_8 = by(8);
  private static final VectorShuffle<Float> BY_16 = by(16);
  private static final VectorShuffle<Float> BY_32 = by(32);

  private LaneSum() {}

  private static VectorShuffle<Float> by(int lanes) {
    return SPECIES.shuffleFromOp(i -> (i + lanes) % LANES);
  }

  /** The same, to the bit, of as many floats in an array, which are overwritten: no vectors, which are slow until they are compiled. */
  static float of(float[] lanes, int at) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = at; i < at + half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[at];
  }

  static float of(FloatVector v) {
    FloatVector sums = v;
    if (LANES > 32) sums = sums.add(sums.rearrange(BY_32));
    if (LANES > 16) sums = sums.add(sums.rearrange(BY_16));
    if (LANES > 8) sums = sums.add(sums.rearrange(BY_8));
    if (LANES > 4) sums = sums.add(sums.rearrange(BY_4));
    if (LANES > 2) sums = sums.add(sums.rearrange(BY_2));
    return sums.add(sums.rearrange(BY_1)).lane(0);
  }
}
