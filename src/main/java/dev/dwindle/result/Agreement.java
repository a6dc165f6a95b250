package dev.dwindle.result;

/**
 * How far a device is from what the compressed model means, by the plain meaning of its operators.
 *
 * @param samples on which both were run
 * @param error root of the squared differences of the floating-point outputs relative to that of their squares
 * @param compression the same of the compressed model beside the original, both by the plain meaning
 * @param layer the first layer at which the device parts from the meaning; null where it does not
 * @param cause why, as far as can be told; null where there is no such layer
 */
public record Agreement(String device, long samples, double error, double compression, String layer, String cause) {
  /** What kernels that sum in another order differ by at most. */
  public static final double ROUNDING = 1e-4;

  /** How far the device may be: no further than compressing took the model, and not by rounding alone. */
  public double bound() {
    return Math.max(ROUNDING, compression);
  }

  /** Whether it is no further; false where numbers are not finite. */
  public boolean holds() {
    return error <= bound();
  }
}
