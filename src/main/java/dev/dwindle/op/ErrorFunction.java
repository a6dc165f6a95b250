package dev.dwindle.op;

/** The error function in double precision: its Kummer series near zero, the continued fraction of erfc beyond. */
final class ErrorFunction {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  /** Below this the series has settled within its terms. */
  private static final double SERIES_LIMIT = 2.5;
  private static final int TERMS = 48;
  private static final int FRACTION_DEPTH = 40;
  /** 2 / (2 n + 1). */
  private static final double[] STEPS = new double[TERMS];

  static {
    for (int n = 0; n < TERMS; n++) {
      STEPS[n] = 2.0 / (2 * n + 1);
    }
  }

  private ErrorFunction() {}

  /** erf(x); NaN for NaN. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (a < SERIES_LIMIT) {
      return series(x);
    }
    return a > 6 ? Math.signum(x) : Math.copySign(1 - complement(a), x);
  }

  /** exp(-x²) 2/sqrt(pi) times the sum of 2^n x^(2n+1) / (1 3 5 .. (2n+1)), whose terms all have one sign. */
  private static double series(double x) {
    double square = x * x;
    double term = x;
    double sum = x;
    for (int n = 1; n < TERMS; n++) {
      term *= square * STEPS[n];
      double next = sum + term;
      if (next == sum) {
        break;
      }
      sum = next;
    }
    return TWO_OVER_SQRT_PI * Math.exp(-square) * sum;
  }

  /** erfc(x) for large x: exp(-x²)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ..)))). */
  private static double complement(double x) {
    double tail = x;
    for (int k = FRACTION_DEPTH; k >= 1; k--) {
      tail = x + k / 2.0 / tail;
    }
    return 0.5 * TWO_OVER_SQRT_PI * Math.exp(-x * x) / tail;
  }
}
