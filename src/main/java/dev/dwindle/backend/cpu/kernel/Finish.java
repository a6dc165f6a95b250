package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;

/**
 * What a matrix product or convolution adds and applies besides its sums: a bias before the first
 * product, an activation after the last.
 *
 * @param bias one float a column of a matrix product, one a channel of a convolution; null for none
 * @param activation applied to every result
 */
public record Finish(float[] bias, Activation activation) {
  /** Adds nothing, applies nothing. */
  public static final Finish NONE = new Finish(null, Activation.NONE);

  /**
   * Starts a row of sums at the bias of its columns, plus a residual.
   *
   * @param r the residual, read from {@code ro}; null for none
   */
  void beginRow(int column, float[] r, int ro, float[] c, int co, int n) {
    if (bias == null) {
      begin(0, r, ro, c, co, n);
    } else if (r == null) {
      System.arraycopy(bias, column, c, co, n);
    } else {
      BinaryLoops.add(bias, column, r, ro, c, co, n);
    }
  }

  /** Starts the sums of one channel at its bias, plus a residual as in {@link #beginRow}. */
  void beginChannel(int channel, float[] r, int ro, float[] c, int co, int n) {
    begin(bias == null ? 0 : bias[channel], r, ro, c, co, n);
  }

  private static void begin(float value, float[] r, int ro, float[] c, int co, int n) {
    if (r == null) {
      Arrays.fill(c, co, co + n, value);
    } else {
      BinaryLoops.add(r, ro, value, c, co, n);
    }
  }
}
