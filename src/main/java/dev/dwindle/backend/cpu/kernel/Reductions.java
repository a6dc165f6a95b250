package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Many neighbouring floats to one, in an order that depends on their number and the vector length only. */
public final class Reductions {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Floats that are summed in single precision before their sum goes on in double precision. */
  static final int BLOCK = 4096;

  private Reductions() {}

  /** The largest; a NaN wins. */
  public static float max(float[] x, int offset, int n) {
    FloatVector a = FloatVector.broadcast(SPECIES, x[offset]);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      a = a.max(FloatVector.fromArray(SPECIES, x, offset + i));
      b = b.max(FloatVector.fromArray(SPECIES, x, offset + i + LANES));
    }
    float max = a.max(b).reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      max = Math.max(max, x[offset + i]);
    }
    return max;
  }

  /** The smallest; a NaN wins. */
  public static float min(float[] x, int offset, int n) {
    FloatVector a = FloatVector.broadcast(SPECIES, x[offset]);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      a = a.min(FloatVector.fromArray(SPECIES, x, offset + i));
      b = b.min(FloatVector.fromArray(SPECIES, x, offset + i + LANES));
    }
    float min = a.min(b).reduceLanes(VectorOperators.MIN);
    for (; i < n; i++) {
      min = Math.min(min, x[offset + i]);
    }
    return min;
  }

  /** The sum. */
  public static double sum(float[] x, int offset, int n) {
    double sum = 0;
    for (int from = 0; from < n; from += BLOCK) {
      sum += block(x, offset + from, Math.min(BLOCK, n - from));
    }
    return sum;
  }

  private static float block(float[] x, int offset, int n) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      a = a.add(FloatVector.fromArray(SPECIES, x, offset + i));
      b = b.add(FloatVector.fromArray(SPECIES, x, offset + i + LANES));
    }
    float sum = LaneSum.of(a.add(b));
    for (; i < n; i++) {
      sum += x[offset + i];
    }
    return sum;
  }

  /** The sum of squared differences from a number, of any length: blocks in single precision, their sums in double. */
  static double squaresFrom(float[] x, int offset, int n, float from) {
    double sum = 0;
    for (int at = 0; at < n; at += BLOCK) {
      sum += squares(x, offset + at, Math.min(BLOCK, n - at), from);
    }
    return sum;
  }

  /** The sum of products of x, less a number, with y. */
  static double productsFrom(float[] x, int xo, float from, float[] y, int yo, int n) {
    double sum = 0;
    for (int at = 0; at < n; at += BLOCK) {
      sum += products(x, xo + at, from, y, yo + at, Math.min(BLOCK, n - at));
    }
    return sum;
  }

  private static float products(float[] x, int xo, float from, float[] y, int yo, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i).sub(from);
      sums = v.fma(FloatVector.fromArray(SPECIES, y, yo + i), sums);
    }
    float sum = LaneSum.of(sums);
    for (; i < n; i++) {
      sum += (x[xo + i] - from) * y[yo + i];
    }
    return sum;
  }

  /** The sum of squared differences from a number, in single precision: for a block, or a row of a few thousand. */
  static float squares(float[] x, int offset, int n, float from) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, offset + i).sub(from);
      sums = v.fma(v, sums);
    }
    float sum = LaneSum.of(sums);
    for (; i < n; i++) {
      float v = x[offset + i] - from;
      sum += v * v;
    }
    return sum;
  }
}
