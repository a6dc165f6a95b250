package dev.dwindle.op;

/** The discrete Fourier transform of one length: sums over roots of unity, by factors of the length where it has any. */
final class FourierSeries {
  private final int length;
  private final double[] cos;
  private final double[] sin;

  FourierSeries(int length) {
    this.length = length;
    this.cos = new double[length];
    this.sin = new double[length];
    for (int i = 0; i < length; i++) {
      double angle = 2 * Math.PI * i / length;
      cos[i] = Math.cos(angle);
      sin[i] = Math.sin(angle);
    }
  }

  /** Transforms {@code length} complex numbers in place; the inverse is scaled by one over the length. */
  void transform(double[] re, double[] im, boolean inverse) {
    Run run = new Run(re.clone(), im.clone(), re, im, inverse ? 1 : -1);
    recurse(run, 0, 1, length, 0);
    for (int i = 0; inverse && i < length; i++) {
      re[i] /= length;
      im[i] /= length;
    }
  }

  private record Run(double[] re, double[] im, double[] outRe, double[] outIm, int sign) {}

  /** The transform of the n numbers from {@code start} on by {@code step}, written from {@code to} on. */
  private void recurse(Run run, int start, int step, int n, int to) {
    if (n == 1) {
      run.outRe[to] = run.re[start];
      run.outIm[to] = run.im[start];
      return;
    }
    int parts = smallestFactor(n);
    int m = n / parts;
    for (int r = 0; r < parts; r++) {
      recurse(run, start + r * step, step * parts, m, to + r * m);
    }
    double[] sumRe = new double[n];
    double[] sumIm = new double[n];
    for (int k = 0; k < n; k++) {
      for (int r = 0; r < parts; r++) {
        int angle = (int) ((long) r * k % n) * (length / n);
        int from = to + r * m + k % m;
        double c = cos[angle];
        double s = run.sign * sin[angle];
        sumRe[k] += run.outRe[from] * c - run.outIm[from] * s;
        sumIm[k] += run.outRe[from] * s + run.outIm[from] * c;
      }
    }
    System.arraycopy(sumRe, 0, run.outRe, to, n);
    System.arraycopy(sumIm, 0, run.outIm, to, n);
  }

  private static int smallestFactor(int n) {
    for (int p = 2; (long) p * p <= n; p++) {
      if (n % p == 0) {
        return p;
      }
    }
    return n;
  }
}
