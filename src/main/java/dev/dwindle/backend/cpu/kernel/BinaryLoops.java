package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Arithmetic on runs of {@code n} floats, y may be a or b. Written with vectors because the JIT compiler vectorizes a
 * plain loop over parts of float arrays only where it can tell that they do not overlap: three times slower, seven for
 * a comparison.
 */
public final class BinaryLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private BinaryLoops() {}

  /** y = a + b. */
  public static void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).add(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  /** y = a + b for one b. */
  public static void add(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).add(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b;
    }
  }

  /** y = a - b. */
  public static void subtract(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).sub(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  /** y = b - a for one b. */
  public static void subtractFrom(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      v.sub(FloatVector.fromArray(SPECIES, a, ao + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = b - a[ao + i];
    }
  }

  /** y = a * b. */
  public static void multiply(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).mul(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  /** y = a * b for one b. */
  public static void multiply(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).mul(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b;
    }
  }

  /** y = a / b. */
  public static void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).div(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  /** y = a / b for one b. */
  public static void divide(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).div(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b;
    }
  }

  /** y = b / a for one b. */
  public static void divideInto(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      v.div(FloatVector.fromArray(SPECIES, a, ao + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = b / a[ao + i];
    }
  }

  /** y = the smaller of a and b; a NaN wins. */
  public static void min(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).min(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b[bo + i]);
    }
  }

  /** y = the smaller of a and one b; a NaN wins. */
  public static void min(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).min(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b);
    }
  }

  /** y = the larger of a and b; a NaN wins. */
  public static void max(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).max(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b[bo + i]);
    }
  }

  /** y = the larger of a and one b; a NaN wins. */
  public static void max(float[] a, int ao, float b, float[] y, int yo, int n) {
    FloatVector v = FloatVector.broadcast(SPECIES, b);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).max(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b);
    }
  }
}
