package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Error function, hyperbolic tangent and the two GELU, in place. Each is three loops over a block: what the exponential
 * is taken of, the exponential, and the rest. The compiler stops inlining in the middle of a method that does it all,
 * which is then five times slower, so the loops are called where it cannot join them.
 */
final class SigmoidLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int BLOCK = 1024;

  /** A block of exponentials, and behind it room for a last vector that is not full. */
  private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[BLOCK + LANES]);

  private static final float ROOT_HALF = 0.70710678f;
  private static final float ROOT_TWO_OVER_PI = 0.7978845608f;

  /** Magnitudes up to which the error function and the hyperbolic tangent are polynomials. */
  private static final float ERF_SMALL = 1;
  private static final float TANH_SMALL = 0.65f;

  private SigmoidLoops() {}

  /** One loop over {@code n} floats from {@code from} on, a multiple of the vector length, with a scratch of as many. */
  @FunctionalInterface
  private interface Loop {
    void run(float[] x, int from, float[] e, int n);
  }

  private static final Loop EXP = (x, from, e, n) -> ActivationLoops.exp(e, 0, n);
  private static final Loop[] ERF = {(x, from, e, n) -> logErfc(x, from, 1, e, n), EXP, SigmoidLoops::finishErf};
  private static final Loop[] GELU = {(x, from, e, n) -> logErfc(x, from, ROOT_HALF, e, n), EXP,
      SigmoidLoops::finishGelu};
  private static final Loop[] TANH = {SigmoidLoops::startTanh, EXP, SigmoidLoops::finishTanh};
  private static final Loop[] GELU_TANH = {SigmoidLoops::startGeluTanh, EXP, SigmoidLoops::finishGeluTanh};

  static void erf(float[] x, int offset, int n) {
    inBlocks(ERF, x, offset, n);
  }

  static void gelu(float[] x, int offset, int n) {
    inBlocks(GELU, x, offset, n);
  }

  static void tanh(float[] x, int offset, int n) {
    inBlocks(TANH, x, offset, n);
  }

  static void geluTanh(float[] x, int offset, int n) {
    inBlocks(GELU_TANH, x, offset, n);
  }

  private static void inBlocks(Loop[] loops, float[] x, int offset, int n) {
    float[] e = SCRATCH.get();
    int whole = n - n % LANES;
    for (int i = 0; i < whole; i += BLOCK) {
      block(loops, x, offset + i, e, Math.min(BLOCK, whole - i));
    }
    int rest = n - whole;
    if (rest > 0) {
      System.arraycopy(x, offset + whole, e, BLOCK, rest);
      Arrays.fill(e, BLOCK + rest, BLOCK + LANES, 0);
      block(loops, e, BLOCK, e, LANES);
      System.arraycopy(e, BLOCK, x, offset + whole, rest);
    }
  }

  private static void block(Loop[] loops, float[] x, int from, float[] e, int n) {
    for (Loop loop : loops) {
      loop.run(x, from, e, n);
    }
  }

  /** {@code e = log(1 - erf(|scale * x|))}, right where that magnitude is from 1 to 4, where it is used. */
  private static void logErfc(float[] x, int from, float scale, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector t = FloatVector.fromArray(SPECIES, x, from + i).mul(scale).lanewise(VectorOperators.ABS);
      Transcendental.logErfc(t).intoArray(e, i);
    }
  }

  private static void finishErf(float[] x, int from, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i);
      FloatVector large = FloatVector.broadcast(SPECIES, 1f).sub(FloatVector.fromArray(SPECIES, e, i));
      Transcendental.either(v, ERF_SMALL, Transcendental.smallErf(v), large).intoArray(x, from + i);
    }
  }

  private static void finishGelu(float[] x, int from, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i);
      FloatVector u = v.mul(ROOT_HALF);
      FloatVector large = FloatVector.broadcast(SPECIES, 1f).sub(FloatVector.fromArray(SPECIES, e, i));
      FloatVector erf = Transcendental.either(u, ERF_SMALL, Transcendental.smallErf(u), large);
      erf.add(1f).mul(v.mul(0.5f)).intoArray(x, from + i);
    }
  }

  private static void startTanh(float[] x, int from, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, x, from + i).lanewise(VectorOperators.ABS).mul(-2f).intoArray(e, i);
    }
  }

  private static void finishTanh(float[] x, int from, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i);
      FloatVector exp = FloatVector.fromArray(SPECIES, e, i);
      FloatVector large = FloatVector.broadcast(SPECIES, 1f).sub(exp).div(exp.add(1f));
      Transcendental.either(v, TANH_SMALL, Transcendental.smallTanh(v), large).intoArray(x, from + i);
    }
  }

  /** {@code e = -2u} with u = sqrt(2 / pi) * (x + 0.044715 x^3): 0.5 * x * (1 + tanh(u)) is x / (1 + e^(-2u)). */
  private static void startGeluTanh(float[] x, int from, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i);
      v.mul(v).mul(v).mul(0.044715f).add(v).mul(-2 * ROOT_TWO_OVER_PI).intoArray(e, i);
    }
  }

  private static void finishGeluTanh(float[] x, int from, float[] e, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, from + i);
      v.div(FloatVector.fromArray(SPECIES, e, i).add(1f)).intoArray(x, from + i);
    }
  }
}
