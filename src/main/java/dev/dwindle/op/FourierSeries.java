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

  int length() {
    return length;
  }

  /** Transforms {@code length} complex numbers in place; the inverse is scaled by one over the length. */
  void transform(double[] re, double[] im, boolean inverse) {
    double[] outRe = new double[length];
    double[] outIm = new double[length];
    recurse(re, im, 0, 1, length, inverse ? 1 : -1, outRe, outIm, 0);
    double scale = inverse ? 1.0 / length : 1;
    for (int i = 0; i < length; i++) {
      re[i] = outRe[i] * scale;
      im[i] = outIm[i] * scale;
    }
  }

  /** The transform of the n numbers from {@code start} on by {@code step}, written from {@code to} on. */
  private void recurse(double[] re, double[] im, int start, int step, int n, int sign, double[] outRe,
      double[] outIm, int to) {
    if (n == 1) {
      outRe[to] = re[start];
      outIm[to] = im[start];
      return;
    }
    int parts = smallestFactor(n);
    int m = n / parts;
    for (int r = 0; r < parts; r++) {
      recurse(re, im, start + r * step, step * parts, m, sign, outRe, outIm, to + r * m);
    }
    double[] sumRe = new double[n];
    double[] sumIm = new double[n];
    for (int k = 0; k < n; k++) {
      for (int r = 0; r < parts; r++) {
        int angle = (int) ((long) r * k % n) * (length / n);
        int from = to + r * m + k % m;
        double c = cos[angle];
        double s = sign * sin[angle];
        sumRe[k] += outRe[from] * c - outIm[from] * s;
        sumIm[k] += outRe[from] * s + outIm[from] * c;
      }
    }
    System.arraycopy(sumRe, 0, outRe, to, n);
    System.arraycopy(sumIm, 0, outIm, to, n);
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
