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

  private ActivationLoops() {}

  static void leakyRelu(float[] x, int offset, int n, float slope) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      v.blend(v.mul(slope), v.compare(VectorOperators.LT, 0f)).intoArray(x, i);
    }
    for (; i < end; i++) {
      x[i] = x[i] < 0 ? slope * x[i] : x[i];
    }
  }

  static void hardSigmoid(float[] x, int offset, int n, float alpha, float beta) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      bounded(FloatVector.fromArray(SPECIES, x, i).mul(alpha).add(beta)).intoArray(x, i);
    }
    for (; i < end; i++) {
      x[i] = Math.max(0, Math.min(1, alpha * x[i] + beta));
    }
  }

  static void hardSwish(float[] x, int offset, int n) {
    int end = offset + n;
    int i = offset;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      bounded(v.mul(1 / 6f).add(0.5f)).mul(v).intoArray(x, i);
    }
    for (; i < end; i++) {
      x[i] = x[i] * Math.max(0, Math.min(1, x[i] * (1 / 6f) + 0.5f));
    }
  }

  /** Clipped to 0 and 1; a NaN stays one. */
  private static FloatVector bounded(FloatVector v) {
    return v.blend(0f, v.compare(VectorOperators.LT, 0f)).blend(1f, v.compare(VectorOperators.GT, 1f));
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
}
