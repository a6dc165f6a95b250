package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponential, error function and hyperbolic tangent of a vector of floats, to about two roundings. The polynomials
 * other than Taylor's were fitted for least relative error over the ranges that are named. Pieces are so small that the
 * compiler always inlines them; one that it has compiled by itself to more than 2,500 bytes it does not.
 */
final class Transcendental {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private static final float LOG2_E = 1.442695041f;
  /** ln 2 in two parts: the first has few bits, so that its product with a whole number is exact. */
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  /** 1.5 * 2^23: added and subtracted, it rounds to the nearest whole number. */
  private static final float ROUNDER = 12582912f;
  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

  private Transcendental() {}

  /** e^x; overflow gives infinity, underflow zero, a NaN stays one. */
  static FloatVector exp(FloatVector x) {
    // What ends as zero is computed from zero: a product that underflows costs a hundred times what another does.
    VectorMask<Float> vanishes = x.compare(VectorOperators.LT, -104f);
    FloatVector bounded = x.min(89f).blend(0f, vanishes);
    FloatVector rounded = rounded(bounded);
    FloatVector p = remainder(bounded, rounded);
    // 2^n in two factors, so that neither overflows where the product does not.
    IntVector n = rounded.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    return p.mul(power(half)).mul(power(n.sub(half))).blend(0f, vanishes);
  }

  /** e^x where x is at most 0, or a NaN; what is below e^-87 is zero. */
  static FloatVector expBelowZero(FloatVector x) {
    VectorMask<Float> vanishes = x.compare(VectorOperators.LT, -87f);
    FloatVector bounded = x.blend(0f, vanishes);
    FloatVector rounded = rounded(bounded);
    // The last bits of the rounded number, moved to the exponent, are n * 2^23.
    IntVector n = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return remainder(bounded, rounded).reinterpretAsInts().add(n).reinterpretAsFloats().blend(0f, vanishes);
  }

  /** x / ln 2 rounded to a whole number n, plus ROUNDER: the last bits are n. */
  private static FloatVector rounded(FloatVector x) {
    return x.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUNDER));
  }

  /** e^x / 2^n for what {@link #rounded} gives. */
  private static FloatVector remainder(FloatVector x, FloatVector rounded) {
    FloatVector whole = rounded.sub(ROUNDER);
    FloatVector r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), x);
    r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
    // Taylor's series to r^7 with |r| <= ln 2 / 2.
    FloatVector p = r.mul(1 / 5040f).add(1 / 720f);
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1 / 120f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1 / 24f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1 / 6f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.5f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    return p.fma(r, FloatVector.broadcast(SPECIES, 1f));
  }

  private static FloatVector power(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** The error function where {@code |x| <= 1}. */
  static FloatVector smallErf(FloatVector x) {
    FloatVector u = x.mul(x);
    FloatVector p = u.mul(7.853857747646373e-5f).add(-8.010192531742702e-4f);
    p = p.fma(u, FloatVector.broadcast(SPECIES, 5.1883275610770645e-3f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, -2.6853811869572808e-2f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 0.1128358514703998f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, -0.37612625824094126f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 1.1283791657266897f));
    return p.mul(x);
  }

  /** The logarithm of 1 - erf(t) where {@code 1 <= t <= 4}; beyond, the float nearest to erf is 1, as it is at 4. */
  static FloatVector logErfc(FloatVector magnitude) {
    FloatVector t = magnitude.min(4f);
    FloatVector q = t.mul(1.855748760211418e-4f).add(-2.939615571420153e-3f);
    q = q.fma(t, FloatVector.broadcast(SPECIES, 2.1805350516182917e-2f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -0.10303743421732182f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -0.638225603827716f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -1.1270400791221413f));
    return q.fma(t, FloatVector.broadcast(SPECIES, -3.537091338090548e-4f));
  }

  /** The hyperbolic tangent where {@code |x| <= 0.65}; beyond, e^(-2|x|) cancels nothing. */
  static FloatVector smallTanh(FloatVector x) {
    FloatVector u = x.mul(x);
    FloatVector p = u.mul(-5.468263862579727e-3f).add(2.041518899775264e-2f);
    p = p.fma(u, FloatVector.broadcast(SPECIES, -5.3665278874903743e-2f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 0.1333041512284301f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, -0.33333229272363196f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 0.9999999939358457f));
    return p.mul(x);
  }

  /** {@code small} where the magnitude of x is at most {@code limit}, else {@code large} with the sign of x. */
  static FloatVector either(FloatVector x, float limit, FloatVector small, FloatVector large) {
    FloatVector signed = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
    return small.blend(signed, x.lanewise(VectorOperators.ABS).compare(VectorOperators.GT, limit));
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    return one.div(exp(x.neg()).add(1f));
  }
}
