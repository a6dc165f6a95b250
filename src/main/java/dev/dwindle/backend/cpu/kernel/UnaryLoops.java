package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Functions of runs of {@code n} floats, for the reason of {@link BinaryLoops}; y may be x. */
public final class UnaryLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** The even lanes of a vector, twice. */
  private static final VectorShuffle<Float> EVEN = SPECIES.shuffleFromOp(i -> 2 * i % LANES);

  private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, -1L << LANES / 2);

  private UnaryLoops() {}

  /** Square root. */
  public static void sqrt(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).sqrt().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = (float) Math.sqrt(x[xo + i]);
    }
  }

  /** y = -x. */
  public static void negate(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).neg().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = -x[xo + i];
    }
  }

  /** -1, 0 or 1; of NaN NaN. */
  public static void sign(float[] x, int xo, float[] y, int yo, int n) {
    FloatVector zero = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector some = v.blend(1, v.compare(VectorOperators.GT, zero)).blend(-1, v.compare(VectorOperators.LT, zero));
      some.blend(0, v.compare(VectorOperators.EQ, zero)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      float v = x[xo + i];
      y[yo + i] = v > 0 ? 1 : v < 0 ? -1 : v == 0 ? 0 : v;
    }
  }

  /** Magnitude. */
  public static void abs(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).abs().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.abs(x[xo + i]);
    }
  }

  /** y = 1 / x. */
  public static void reciprocal(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.broadcast(SPECIES, 1f).div(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = 1 / x[xo + i];
    }
  }

  /** y = x * x. */
  public static void square(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).mul(FloatVector.fromArray(SPECIES, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * x[xo + i];
    }
  }

  /** Every second of 2n - 1 floats; y may not be x. */
  public static void everySecond(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i < n - LANES; i += LANES) {
      FloatVector low = FloatVector.fromArray(SPECIES, x, xo + 2 * i);
      FloatVector high = FloatVector.fromArray(SPECIES, x, xo + 2 * i + LANES);
      low.rearrange(EVEN).blend(high.rearrange(EVEN), UPPER).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + 2 * i];
    }
  }
}
