package dev.dwindle.pass.rdoq;

/** What levels cost: the bits that a coder takes for each, once it knows how frequent they are. */
record Rate(float[] bits) {
  static final int MOST = 127;

  /** As if each level had been seen so often, so that those that have not can be chosen, too. */
  private static final double UNSEEN = 0.1;

  private static final int SAMPLE = 1 << 17;

  /** Of levels {@code -127 .. 127} that have these counts, of level -127 first. */
  static Rate of(long[] counts) {
    double total = 0;
    for (long count : counts) total += count + UNSEEN;
    float[] bits = new float[counts.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (float) (Math.log(total / (counts[i] + UNSEEN)) / Math.log(2));
    }
    return new Rate(bits);
  }

  /** Of weights rounded to the nearest level; of many weights some tell it. */
  static Rate nearest(float[] weights, float step) {
    long[] counts = new long[2 * MOST + 1];
    float inverse = 1 / step;
    int stride = 1 + weights.length / SAMPLE;
    for (int i = 0; i < weights.length; i += stride) counts[nearest(weights[i] * inverse) + MOST]++;
    return of(counts);
  }

  /** The nearest level to a number of steps. */
  static int nearest(float steps) {
    return (int) Math.max(-MOST, Math.min(MOST, Math.rint(steps)));
  }

  float bits(int level) {
    return bits[level + MOST];
  }

  /** The bits of so many levels together. */
  static double bits(byte[] levels) {
    long[] counts = new long[2 * MOST + 1];
    for (byte level : levels) counts[level + MOST]++;
    double bits = 0;
    for (long count : counts) if (count > 0) bits += count * Math.log((double) levels.length / count);
    return bits / Math.log(2);
  }
}
