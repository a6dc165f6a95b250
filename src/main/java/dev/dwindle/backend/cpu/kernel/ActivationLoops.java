package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of activations that are more than a comparison, in place. A tail is done by masked vectors, so that an
 * element's result does not depend on where a piece of work ends.
 */
final class ActivationLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final float ROOT_HALF = 0.70710678f;
  private static final float ROOT_TWO_OVER_PI = 0.7978845608f;

  private ActivationLoops() {}

  static void leakyRelu(float[] x, int offset, int n, float slope) {
    for (int i = offset; i < offset + n; i++) {
      float v = x[i];
      x[i] = Math.max(v, 0) + slope * Math.min(v, 0);
    }
  }

  static void hardSigmoid(float[] x, int offset, int n, float alpha, float beta) {
    for (int i = offset; i < offset + n; i++) {
      x[i] = Math.max(0, Math.min(1, alpha * x[i] + beta));
    }
  }

  static void hardSwish(float[] x, int offset, int n) {
    for (int i = offset; i < offset + n; i++) {
      x[i] = x[i] * Math.max(0, Math.min(1, x[i] * (1 / 6f) + 0.5f));
    }
  }

  static void exp(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      Transcendental.exp(FloatVector.fromArray(SPECIES, x, i)).intoArray(x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      Transcendental.exp(FloatVector.fromArray(SPECIES, x, i, mask)).intoArray(x, i, mask);
    }
  }

  static void sigmoid(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      Transcendental.sigmoid(FloatVector.fromArray(SPECIES, x, i)).intoArray(x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      Transcendental.sigmoid(FloatVector.fromArray(SPECIES, x, i, mask)).intoArray(x, i, mask);
    }
  }

  static void silu(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      v.mul(Transcendental.sigmoid(v)).intoArray(x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      FloatVector v = FloatVector.fromArray(SPECIES, x, i, mask);
      v.mul(Transcendental.sigmoid(v)).intoArray(x, i, mask);
    }
  }

  static void tanh(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      Transcendental.tanh(FloatVector.fromArray(SPECIES, x, i)).intoArray(x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      Transcendental.tanh(FloatVector.fromArray(SPECIES, x, i, mask)).intoArray(x, i, mask);
    }
  }

  static void erf(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      Transcendental.erf(FloatVector.fromArray(SPECIES, x, i)).intoArray(x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      Transcendental.erf(FloatVector.fromArray(SPECIES, x, i, mask)).intoArray(x, i, mask);
    }
  }

  static void gelu(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      Transcendental.erf(v.mul(ROOT_HALF)).add(1f).mul(v.mul(0.5f)).intoArray(x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      FloatVector v = FloatVector.fromArray(SPECIES, x, i, mask);
      Transcendental.erf(v.mul(ROOT_HALF)).add(1f).mul(v.mul(0.5f)).intoArray(x, i, mask);
    }
  }

  static void geluTanh(float[] x, int offset, int n) {
    int end = offset + n;
    for (int i = offset; i < end; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, end);
      FloatVector v = FloatVector.fromArray(SPECIES, x, i, mask);
      FloatVector inner = v.mul(v).mul(v).mul(0.044715f).add(v).mul(ROOT_TWO_OVER_PI);
      Transcendental.tanh(inner).add(1f).mul(v.mul(0.5f)).intoArray(x, i, mask);
    }
  }

  /** The largest of some floats; a NaN wins. */
  static float max(float[] x, int offset, int n) {
    float max = x[offset];
    for (int i = offset; i < offset + n; i++) {
      max = Math.max(max, x[i]);
    }
    return max;
  }

  /** The sum of some floats, in an order that depends on the vector length only. */
  static float sum(float[] x, int offset, int n) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      sums = sums.add(FloatVector.fromArray(SPECIES, x, offset + i));
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      sum += x[offset + i];
    }
    return sum;
  }

  /** The sum of squared differences from a number. */
  static float squares(float[] x, int offset, int n, float from) {
    FloatVector sums = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, offset + i).sub(from);
      sums = v.fma(v, sums);
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (; i < n; i++) {
      float v = x[offset + i] - from;
      sum += v * v;
    }
    return sum;
  }
}
