package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.kernel.Activation.Kind;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ActivationTest {
  @Test
  void staysWithinAFewRoundingsOfTheFunctions() {
    check(Kind.EXP, Math::exp, 4);
    check(Kind.TANH, Math::tanh, 4);
    check(Kind.SIGMOID, x -> 1 / (1 + Math.exp(-x)), 4);
    check(Kind.SILU, x -> x / (1 + Math.exp(-x)), 4);
    check(Kind.ERF, ActivationTest::erf, 4);
    check(Kind.RELU, x -> Math.max(x, 0), 0);
  }

  /** Where 1 + erf, 1 + tanh or x / 6 + 0.5 cancels, an error of one rounding of 1 remains, times x. */
  @Test
  void staysWithinRoundingsOfTheArgumentWhereTheFunctionCancels() {
    checkWithin(Kind.HARD_SWISH, x -> x * Math.clamp(x / 6 + 0.5, 0, 1), 4);
    checkWithin(Kind.GELU, x -> 0.5 * x * (1 + erf(x * Math.sqrt(0.5))), 4);
    checkWithin(Kind.GELU_TANH,
        x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))), 4);
  }

  @Test
  void appliesItsParameters() {
    assertEquals(-0.5f, apply(new Activation(Kind.LEAKY_RELU, 0.25f, 0), -2)[0]);
    assertEquals(3, apply(new Activation(Kind.LEAKY_RELU, 0.25f, 0), 3)[0]);
    assertEquals(0.7f, apply(new Activation(Kind.HARD_SIGMOID, 0.1f, 0.5f), 2)[0]);
    assertEquals(-1, apply(Activation.clip(-1, 6), -5)[0]);
    assertEquals(6, apply(Activation.clip(-1, 6), 50)[0]);
  }

  @Test
  void keepsNotANumberAndLimits() {
    for (Kind kind : Kind.values()) {
      float[] x = apply(new Activation(kind, 0.1f, 0.5f), Float.NaN);
      assertTrue(Float.isNaN(x[0]), kind + " of NaN is " + x[0]);
    }
    assertEquals(0, apply(new Activation(Kind.EXP, 0, 0), Float.NEGATIVE_INFINITY)[0]);
    assertEquals(Float.POSITIVE_INFINITY, apply(new Activation(Kind.EXP, 0, 0), 1000)[0]);
    assertEquals(-1, apply(new Activation(Kind.TANH, 0, 0), Float.NEGATIVE_INFINITY)[0]);
    assertEquals(1, apply(new Activation(Kind.ERF, 0, 0), Float.POSITIVE_INFINITY)[0]);
    assertEquals(0, apply(new Activation(Kind.SIGMOID, 0, 0), -1000)[0]);
  }

  /** An element's result does not depend on where in a run it stands. */
  @Test
  void givesAnElementTheSameBitsAnywhere() {
    float[] x = PlainLoops.random(207, 1);
    for (Kind kind : Kind.values()) {
      Activation activation = new Activation(kind, 0.1f, 0.5f);
      float[] whole = x.clone();
      activation.apply(whole, 0, x.length);
      for (int n : PlainLoops.AWKWARD) {
        float[] part = x.clone();
        activation.apply(part, x.length - n, n);
        assertEquals(-1, Arrays.mismatch(Arrays.copyOfRange(whole, x.length - n, x.length),
            Arrays.copyOfRange(part, x.length - n, x.length)), kind + " of " + n);
        assertEquals(-1, Arrays.mismatch(Arrays.copyOf(x, x.length - n), Arrays.copyOf(part, x.length - n)));
      }
    }
  }

  private static float[] apply(Activation activation, float x) {
    float[] values = {x};
    activation.apply(values, 0, 1);
    return values;
  }

  private static void check(Kind kind, DoubleUnaryOperator function, double roundings) {
    for (float x = -12; x < 12; x += 0.00173f) {
      double expected = function.applyAsDouble(x);
      float actual = apply(new Activation(kind, 0, 0), x)[0];
      assertEquals(expected, actual, roundings * Math.ulp(1f) * Math.abs(expected), kind + " of " + x);
    }
  }

  private static void checkWithin(Kind kind, DoubleUnaryOperator function, double roundings) {
    for (float x = -12; x < 12; x += 0.00173f) {
      float actual = apply(new Activation(kind, 0, 0), x)[0];
      assertEquals(function.applyAsDouble(x), actual, roundings * Math.ulp(1f) * Math.abs(x), kind + " of " + x);
    }
  }

  /** The series 2 / sqrt(pi) * e^(-x^2) * sum of 2^n x^(2n+1) / (2n+1)!!, all of one sign. */
  private static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
