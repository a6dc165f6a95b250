package dev.dwindle.backend.cpu.kernel;

import dev.dwindle.op.Bins;

/** Counts of floats by the bins that they fall into. */
public final class HistogramLoops {
  private HistogramLoops() {}

  /** Adds each float's bin to the counts; the bins hold all of them. */
  public static void count(float[] x, int from, int n, Bins bins, long[] counts, int to) {
    double perBin = Math.scalb(1.0, -bins.exponent());
    int zero = Math.toIntExact(to - bins.first());
    for (int i = from; i < from + n; i++) {
      double place = x[i] * perBin;
      int towardsZero = (int) place;
      counts[zero + towardsZero - (place < towardsZero ? 1 : 0)]++;
    }
  }
}
