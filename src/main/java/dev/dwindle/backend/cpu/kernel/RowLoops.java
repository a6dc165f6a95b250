package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over the rows of small images, in whole vectors: the last of a row overlaps the one before, and of a row
 * shorter than a vector the next row overwrites what was too much. A call of arraycopy or a loop with a remainder
 * costs more than such a row has floats.
 */
final class RowLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final FloatVector IOTA = FloatVector.zero(SPECIES).addIndex(1);

  /** The even lanes of a vector, twice. */
  private static final VectorShuffle<Float> EVEN = SPECIES.shuffleFromOp(i -> 2 * i % LANES);

  private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, -1L << LANES / 2);

  private RowLoops() {}

  /**
   * Writes {@code count} rows of {@code width} floats: from {@code first} to {@code behind} the image's, else the pad.
   *
   * @param source where the image's row would begin had it a float for each of the row's; may be read beyond
   * @param step floats from one image row to the next
   */
  static void padded(float[] image, int source, int step, int first, int behind, float pad, float[] y, int to,
      int width, int count) {
    FloatVector pads = FloatVector.broadcast(SPECIES, pad);
    for (int i = 0; i < width; i += LANES) {
      int j = Math.max(0, Math.min(i, width - LANES));
      VectorMask<Float> outside = outside(first - j, behind - j);
      for (int r = 0, s = source + j, d = to + j; r < count; r++, s += step, d += width) {
        FloatVector.fromArray(SPECIES, image, s).blend(pads, outside).intoArray(y, d);
      }
    }
  }

  /** As {@link #padded}, reading every second float of the image. */
  static void paddedHalves(float[] image, int source, int step, int first, int behind, float pad, float[] y, int to,
      int width, int count) {
    FloatVector pads = FloatVector.broadcast(SPECIES, pad);
    for (int i = 0; i < width; i += LANES) {
      int j = Math.max(0, Math.min(i, width - LANES));
      VectorMask<Float> outside = outside(first - j, behind - j);
      for (int r = 0, s = source + 2 * j, d = to + j; r < count; r++, s += step, d += width) {
        FloatVector low = FloatVector.fromArray(SPECIES, image, s);
        FloatVector high = FloatVector.fromArray(SPECIES, image, s + LANES);
        low.rearrange(EVEN).blend(high.rearrange(EVEN), UPPER).blend(pads, outside).intoArray(y, d);
      }
    }
  }

  /** Copies {@code n} floats of the image, {@code stride} apart. */
  static void each(float[] image, int source, int stride, float[] y, int to, int n) {
    if (stride == 2) {
      halves(image, source, y, to, n);
    } else {
      for (int i = 0; i < n; i++) {
        y[to + i] = image[source + i * stride];
      }
    }
  }

  /** A step that the compiler knows: it need not look at each index. */
  private static void halves(float[] image, int source, float[] y, int to, int n) {
    for (int i = 0; i < n; i++) {
      y[to + i] = image[source + 2 * i];
    }
  }

  private static VectorMask<Float> outside(int first, int behind) {
    return IOTA.compare(VectorOperators.LT, first).or(IOTA.compare(VectorOperators.GE, behind));
  }
}
