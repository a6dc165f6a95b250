package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * One pass over a row of a softmax. An interface, so that the compiler keeps the passes apart: together they pass its
 * node limit, which makes them four times slower.
 */
@FunctionalInterface
interface SoftmaxPass {
  VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  int LANES = SPECIES.length();

  /** Exponentials that are summed in single precision before their sum goes on in double precision. */
  int BLOCK = 4096;

  /**
   * More parameters than a record is worth, for each row.
   *
   * @param x scores from {@code from} on
   * @param mask addends from {@code start} on, if there are any
   * @param y results from {@code at} on, {@code n} of them
   * @param value what the pass before has returned
   */
  float run(float[] x, int from, float[] mask, int start, float[] y, int at, int n, float value);

  /** The passes of a row, in order; the first takes the scale. */
  static SoftmaxPass[] all(boolean masked, int maskStep) {
    SoftmaxPass first = !masked ? SoftmaxPass::scale
        : maskStep == 0 ? SoftmaxPass::scaleAndShift : SoftmaxPass::scaleAndMask;
    return new SoftmaxPass[] {first, SoftmaxPass::exponentials, SoftmaxPass::multiply};
  }

  private static float scale(float[] x, int from, float[] mask, int start, float[] y, int at, int n, float scale) {
    return shifted(x, from, 0, y, at, n, scale);
  }

  private static float scaleAndShift(float[] x, int from, float[] mask, int start, float[] y, int at, int n,
      float scale) {
    return shifted(x, from, mask[start], y, at, n, scale);
  }

  private static float shifted(float[] x, int from, float shift, float[] y, int at, int n, float scale) {
    FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i).mul(scale).add(shift);
      v.intoArray(y, at + i);
      most = most.blend(v, most.compare(VectorOperators.LT, v));
    }
    float max = most.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      y[at + i] = x[from + i] * scale + shift;
      max = y[at + i] > max ? y[at + i] : max;
    }
    return max;
  }

  private static float scaleAndMask(float[] x, int from, float[] mask, int start, float[] y, int at, int n,
      float scale) {
    FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector addend = FloatVector.fromArray(SPECIES, mask, start + i);
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i).mul(scale).add(addend);
      v.intoArray(y, at + i);
      most = most.blend(v, most.compare(VectorOperators.LT, v));
    }
    float max = most.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      y[at + i] = x[from + i] * scale + mask[start + i];
      max = y[at + i] > max ? y[at + i] : max;
    }
    return max;
  }

  /** e^(y - max), and one over the sum. A NaN is no maximum, but makes the sum one. */
  private static float exponentials(float[] x, int from, float[] mask, int start, float[] y, int at, int n, float max) {
    // Where every score is minus infinity, every exponential is to be zero and the result no number.
    float top = max == Float.NEGATIVE_INFINITY ? 0 : max;
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      sum += block(y, at + i, Math.min(BLOCK, n - i), top);
    }
    return (float) (1 / sum);
  }

  private static float block(float[] y, int at, int n, float max) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = Transcendental.expBelowZero(FloatVector.fromArray(SPECIES, y, at + i).sub(max));
      e.intoArray(y, at + i);
      sums = sums.add(e);
    }
    if (i < n) {
      VectorMask<Float> rest = SPECIES.indexInRange(i, n);
      FloatVector e = Transcendental.expBelowZero(FloatVector.fromArray(SPECIES, y, at + i, rest).sub(max));
      e.intoArray(y, at + i, rest);
      sums = sums.add(e, rest);
    }
    return LaneSum.of(sums);
  }

  private static float multiply(float[] x, int from, float[] mask, int start, float[] y, int at, int n, float factor) {
    BinaryLoops.multiply(y, at, factor, y, at, n);
    return factor;
  }
}
