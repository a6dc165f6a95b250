package dev.dwindle.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one core can do at most, as this JVM drives it: multiplications and additions in registers, and memory read and
 * written by a copy that no cache holds.
 *
 * @param gigaflops 10^9 multiplications and additions a second, of vectors in registers
 * @param gigabytes 10^9 bytes a second, those read and those written
 */
record Roofline(double gigaflops, double gigabytes) {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int ROUNDS = 20_000;
  private static final int SUMS = 10;
  private static final int COPIED = 1 << 25;

  /** Measured now: the best of runs within about two seconds. */
  static Roofline measure() {
    float[] sums = new float[SPECIES.length()];
    float[] from = new float[COPIED];
    float[] to = new float[COPIED];
    long products = Long.MAX_VALUE;
    long copy = Long.MAX_VALUE;
    for (int i = 0; i < 60; i++) {
      long t0 = System.nanoTime();
      for (int j = 0; j < 20; j++) {
        multiply(sums);
      }
      long t1 = System.nanoTime();
      System.arraycopy(from, 0, to, 0, COPIED);
      long t2 = System.nanoTime();
      products = Math.min(products, t1 - t0);
      copy = Math.min(copy, t2 - t1);
    }
    return new Roofline(20.0 * 2 * ROUNDS * SUMS * SPECIES.length() / products, 2.0 * 4 * COPIED / copy);
  }

  /** The least time in nanoseconds for so many operations on so many bytes. */
  double nanos(double operations, double bytes) {
    return Math.max(operations / gigaflops, bytes / gigabytes);
  }

  /** As many sums as hide the latency, and fewer than there are registers. */
  private static void multiply(float[] x) {
    FloatVector v = FloatVector.fromArray(SPECIES, x, 0);
    FloatVector a = v;
    FloatVector b = v;
    FloatVector c = v;
    FloatVector d = v;
    FloatVector e = v;
    FloatVector f = v;
    FloatVector g = v;
    FloatVector h = v;
    FloatVector i = v;
    FloatVector j = v;
    for (int round = 0; round < ROUNDS; round++) {
      a = v.fma(v, a);
      b = v.fma(v, b);
      c = v.fma(v, c);
      d = v.fma(v, d);
      e = v.fma(v, e);
      f = v.fma(v, f);
      g = v.fma(v, g);
      h = v.fma(v, h);
      i = v.fma(v, i);
      j = v.fma(v, j);
    }
    a.add(b).add(c).add(d).add(e).add(f.add(g).add(h).add(i).add(j)).intoArray(x, 0);
  }
}
