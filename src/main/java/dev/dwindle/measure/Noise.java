package dev.dwindle.measure;

/** Energy of a signal and of its difference to another, summed over any number of tensors. */
public final class Noise {
  private double signal;
  private double noise;
  private double largest;

  /** Adds numbers and what became of them. */
  public void add(float[] before, float[] after) {
    for (int i = 0; i < Math.min(before.length, after.length); i++) {
      // Masks are infinite in both models, and equal.
      if (before[i] == after[i] && Float.isInfinite(before[i])) continue;
      double difference = (double) before[i] - after[i];
      signal += (double) before[i] * before[i];
      noise += difference * difference;
      largest = Math.max(largest, Math.abs(difference));
    }
  }

  /** Signal-to-noise ratio in dB; infinite where nothing differs. */
  double ratio() {
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }

  /** Energy of the noise relative to that of the signal; 0 where nothing differs. */
  public double power() {
    return noise == 0 ? 0 : noise / signal;
  }

  /** The largest absolute difference; NaN where one is. */
  double largest() {
    return largest;
  }
}
