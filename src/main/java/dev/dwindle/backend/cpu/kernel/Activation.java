package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What a fused kernel does to its results while they are still in the cache.
 *
 * @param kind which function
 * @param low the lower bound of CLIP, the slope of LEAKY_RELU, the alpha of HARD_SIGMOID
 * @param high the upper bound of CLIP, the beta of HARD_SIGMOID
 */
public record Activation(Kind kind, float low, float high) {
  /** The functions, as the ONNX operators of the same names define them; SILU is x * sigmoid(x). */
  public enum Kind {
    NONE,
    RELU,
    CLIP,
    LEAKY_RELU,
    HARD_SIGMOID,
    HARD_SWISH,
    SIGMOID,
    SILU,
    TANH,
    GELU,
    GELU_TANH,
    ERF,
    EXP
  }

  /** Leaves its argument as it is. */
  public static final Activation NONE = new Activation(Kind.NONE, 0, 0);

  /** max(x, 0). */
  public static final Activation RELU = new Activation(Kind.RELU, 0, 0);

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** min(max(x, low), high); a NaN stays one. */
  public static Activation clip(float low, float high) {
    return new Activation(Kind.CLIP, low, high);
  }

  /** Applies the function in place to {@code n} floats. */
  public void apply(float[] x, int offset, int n) {
    switch (kind) {
      case NONE -> {}
      case RELU -> relu(x, offset, n);
      case CLIP -> clip(x, offset, n, low, high);
      case LEAKY_RELU -> ActivationLoops.leakyRelu(x, offset, n, low);
      case HARD_SIGMOID -> ActivationLoops.hardSigmoid(x, offset, n, low, high);
      case HARD_SWISH -> ActivationLoops.hardSwish(x, offset, n);
      case SIGMOID -> ActivationLoops.sigmoid(x, offset, n);
      case SILU -> ActivationLoops.silu(x, offset, n);
      case TANH -> SigmoidLoops.tanh(x, offset, n);
      case GELU -> SigmoidLoops.gelu(x, offset, n);
      case GELU_TANH -> SigmoidLoops.geluTanh(x, offset, n);
      case ERF -> SigmoidLoops.erf(x, offset, n);
      case EXP -> ActivationLoops.exp(x, offset, n);
    }
  }

  private static void relu(float[] x, int offset, int n) {
    int i = offset;
    int end = offset + n;
    FloatVector zero = FloatVector.zero(SPECIES);
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      // Compare and blend keep a NaN and need two instructions; max needs five for the same.
      v.blend(zero, v.compare(VectorOperators.LT, zero)).intoArray(x, i);
    }
    for (; i < end; i++) {
      x[i] = x[i] < 0 ? 0 : x[i];
    }
  }

  private static void clip(float[] x, int offset, int n, float low, float high) {
    int i = offset;
    int end = offset + n;
    FloatVector bottom = FloatVector.broadcast(SPECIES, low);
    FloatVector top = FloatVector.broadcast(SPECIES, high);
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i);
      v = v.blend(bottom, v.compare(VectorOperators.LT, bottom));
      v.blend(top, v.compare(VectorOperators.GT, top)).intoArray(x, i);
    }
    for (; i < end; i++) {
      float v = x[i] < low ? low : x[i];
      x[i] = v > high ? high : v;
    }
  }
}
