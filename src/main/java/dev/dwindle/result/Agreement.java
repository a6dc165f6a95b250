package dev.dwindle.result;

import java.util.Locale;

/**
 * How far a device is from what the compressed model means, by the plain meaning of its operators.
 *
 * @param samples on which both were run
 * @param error root of the squared differences of the floating-point outputs relative to that of their squares
 * @param compression the same of the compressed model beside the original, both by the plain meaning
 * @param precision how far the device is from the plain meaning of the original, for the precision that it computes in; 0 for FP32
 * @param layer the first layer at which the device parts from the meaning; null where it does not
 * @param cause why, as far as can be told; null where there is no such layer
 * @param emulated what the device's saturating units make of the model; null where they do not saturate
 */
public record Agreement(String device, long samples, double error, double compression, double precision, String layer,
    String cause, Emulated emulated) {
  /** What kernels that sum in another order differ by at most. */
  public static final double ROUNDING = 1e-4;

  /**
   * Rounding that has nothing in common with that of the plain meaning is no error: a device that fuses layers rounds at other places, is as far from
   * the original as the plain meaning is, and so, the two being at right angles, this much further from the plain meaning.
   */
  private static final double INDEPENDENT = Math.sqrt(2);

  /** Another model rounds elsewhere: it may be so many times as far as the original is in a smaller precision. */
  private static final double OTHERWISE_ROUNDED = 2;

  /**
   * How far the device may be: no further than two roundings of the compressed model part that are each as far from the original as the plain meaning, and
   * not by the order of sums alone. A smaller precision adds its own: what it rounds otherwise falls on other integers.
   */
  public double bound() {
    return Math.max(ROUNDING, INDEPENDENT * compression + OTHERWISE_ROUNDED * precision);
  }

  /** What the bound is taken from, in a few words; empty for rounding alone. */
  public String reason() {
    if (bound() == ROUNDING) return "";
    String rounded = "twice as far as its precision takes the original";
    String apart = "1.41 times as far as compressing went";
    if (precision == 0) return apart;
    return compression > ROUNDING ? apart + " and " + rounded : rounded;
  }

  public Agreement withEmulated(Emulated other) {
    return new Agreement(device, samples, error, compression, precision, layer, cause, other);
  }

  /** A distance as it is told. */
  public static String percent(double share) {
    return Double.isNaN(share) ? "not finite"
        : String.format(Locale.ROOT, share < 1e-3 ? "%.1e %%" : "%.2f %%", 100 * share);
  }

  /** Whether it is no further; false where numbers are not finite. */
  public boolean holds() {
    return error <= bound();
  }
}
