package dev.dwindle.measure;

import java.util.SplittableRandom;

/** The moments at which requests arrive. */
final class Arrivals {
  private Arrivals() {}

  /**
   * A Poisson process: independent, exponentially distributed times between one request and the next.
   *
   * @param rate requests a second
   * @return nanoseconds from the beginning, ascending
   */
  static long[] poisson(double rate, int requests, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long[] nanos = new long[requests];
    double at = 0;
    for (int i = 0; i < requests; i++) {
      at += -Math.log1p(-random.nextDouble()) / rate * 1e9;
      nanos[i] = (long) at;
    }
    return nanos;
  }
}
