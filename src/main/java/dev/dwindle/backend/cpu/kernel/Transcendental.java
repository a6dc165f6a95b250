package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponential, error function and hyperbolic tangent of a vector of floats, to about two roundings. The polynomials
 * other than Taylor's were fitted for least relative error over the ranges that are named.
 */
final class Transcendental {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  private static final float LOG2_E = 1.442695041f;
  /** ln 2 in two parts: the first has few bits, so that its product with a whole number is exact. */
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  /** 1.5 * 2^23: added and subtracted, it rounds to the nearest whole number. */
  private static final float ROUNDER = 12582912f;

  private Transcendental() {}

  /** e^x; overflow gives infinity, underflow zero, a NaN stays one. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.min(89f).max(-104f);
    FloatVector whole = bounded.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
    FloatVector r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), bounded);
    r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
    // Taylor's series to r^7 with |r| <= ln 2 / 2.
    FloatVector p = r.mul(1 / 5040f).add(1 / 720f);
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1 / 120f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1 / 24f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1 / 6f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.5f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    // 2^n in two factors, so that neither overflows where the product does not.
    IntVector n = (IntVector) whole.convertShape(VectorOperators.F2I, INTS, 0);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    return p.mul(power(half)).mul(power(n.sub(half)));
  }

  private static FloatVector power(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** The error function. */
  static FloatVector erf(FloatVector x) {
    FloatVector u = x.mul(x);
    // x * p(x^2) for |x| <= 1.
    FloatVector p = u.mul(7.853857747646373e-5f).add(-8.010192531742702e-4f);
    p = p.fma(u, FloatVector.broadcast(SPECIES, 5.1883275610770645e-3f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, -2.6853811869572808e-2f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 0.1128358514703998f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, -0.37612625824094126f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 1.1283791657266897f));
    FloatVector small = p.mul(x);
    FloatVector t = x.lanewise(VectorOperators.ABS);
    VectorMask<Float> isLarge = t.compare(VectorOperators.GT, 1f);
    return isLarge.anyTrue() ? small.blend(largeErf(x, t), isLarge) : small;
  }

  /** 1 - e^q(t) with q fitted to the logarithm of erfc on [1, 4]; beyond, the float nearest to erf is 1. */
  private static FloatVector largeErf(FloatVector x, FloatVector magnitude) {
    FloatVector t = magnitude.min(4f);
    FloatVector q = t.mul(1.855748760211418e-4f).add(-2.939615571420153e-3f);
    q = q.fma(t, FloatVector.broadcast(SPECIES, 2.1805350516182917e-2f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -0.10303743421732182f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -0.638225603827716f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -1.1270400791221413f));
    q = q.fma(t, FloatVector.broadcast(SPECIES, -3.537091338090548e-4f));
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector large = one.sub(exp(q));
    return large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
  }

  /** The hyperbolic tangent. */
  static FloatVector tanh(FloatVector x) {
    FloatVector u = x.mul(x);
    // x * p(x^2) for |x| <= 0.65; beyond, from e^(-2|x|), which cancels nothing there.
    FloatVector p = u.mul(-5.468263862579727e-3f).add(2.041518899775264e-2f);
    p = p.fma(u, FloatVector.broadcast(SPECIES, -5.3665278874903743e-2f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 0.1333041512284301f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, -0.33333229272363196f));
    p = p.fma(u, FloatVector.broadcast(SPECIES, 0.9999999939358457f));
    FloatVector small = p.mul(x);
    FloatVector t = x.lanewise(VectorOperators.ABS);
    FloatVector e = exp(t.mul(-2f));
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector large = one.sub(e).div(e.add(1f));
    large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
    return small.blend(large, t.compare(VectorOperators.GT, 0.65f));
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    return one.div(exp(x.neg()).add(1f));
  }
}
