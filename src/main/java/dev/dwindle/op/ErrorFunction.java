package dev.dwindle.op;

/**
 * The error function in double precision: by its Taylor polynomials about the points of a grid, whose values come from
 * the Kummer series near zero and from the continued fraction of erfc beyond.
 */
final class ErrorFunction {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  /** From here on the result is 1 or -1. */
  private static final double END = 6;
  private static final int POINTS_PER_UNIT = 16;
  private static final int DEGREE = 9;
  /** Below this the series has settled within its terms. */
  private static final double SERIES_LIMIT = 2.5;
  private static final int TERMS = 60;
  private static final int FRACTION_DEPTH = 40;
  /** For each point of the grid its coefficients, lowest power first. */
  private static final double[] COEFFICIENTS = coefficients();

  private ErrorFunction() {}

  /** erf(x); NaN for NaN. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (!(a < END)) {
      return Double.isNaN(x) ? x : Math.signum(x);
    }
    int point = (int) (a * POINTS_PER_UNIT + 0.5);
    double h = a - (double) point / POINTS_PER_UNIT;
    int first = point * (DEGREE + 1);
    double y = COEFFICIENTS[first + DEGREE];
    for (int k = DEGREE - 1; k >= 0; k--) {
      y = y * h + COEFFICIENTS[first + k];
    }
    return Math.copySign(y, x);
  }

  /** The derivative is 2/sqrt(pi) g with g = exp(-x^2), and g' = -2 x g gives the coefficients of g one by one. */
  private static double[] coefficients() {
    int points = (int) (END * POINTS_PER_UNIT) + 1;
    double[] all = new double[points * (DEGREE + 1)];
    for (int point = 0; point < points; point++) {
      double x = (double) point / POINTS_PER_UNIT;
      int first = point * (DEGREE + 1);
      all[first] = x < SERIES_LIMIT ? series(x) : 1 - complement(x);
      double before = 0;
      double g = Math.exp(-x * x);
      for (int k = 1; k <= DEGREE; k++) {
        all[first + k] = TWO_OVER_SQRT_PI * g / k;
        double next = (-2 * x * g - 2 * before) / k;
        before = g;
        g = next;
      }
    }
    return all;
  }

  /** exp(-x^2) 2/sqrt(pi) times the sum of 2^n x^(2n+1) / (1 3 5 .. (2n+1)), whose terms all have one sign. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < TERMS; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
  }

  /** erfc(x) for large x: exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ..)))). */
  private static double complement(double x) {
    double tail = x;
    for (int k = FRACTION_DEPTH; k >= 1; k--) {
      tail = x + k / 2.0 / tail;
    }
    return 0.5 * TWO_OVER_SQRT_PI * Math.exp(-x * x) / tail;
  }
}
