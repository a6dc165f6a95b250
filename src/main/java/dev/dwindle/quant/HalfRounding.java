package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;

/**
 * FLOAT numbers rounded to FLOAT16 or BFLOAT16.
 *
 * @param values the rounded numbers
 * @param error root of the sum of squared errors, relative to that of the numbers; of finite numbers only
 * @param overflow the largest magnitude that became infinite, or 0 where none did
 */
public record HalfRounding(Tensor values, double error, float overflow) {
  /**
   * Rounds to nearest even; weights of a convolution to BFLOAT16 so that their sums are kept.
   *
   * @param convolution whether the numbers are the weights of one
   */
  public static HalfRounding of(Tensor tensor, DType dtype, boolean convolution) {
    float[] numbers = tensor.floats();
    Tensor values = Elements.ofFloats(dtype, tensor.shape(), numbers);
    float[] rounded = Elements.floats(values);
    if (convolution && dtype == DType.BFLOAT16) {
      SumKeeping.ofConvolution(tensor.shape(), numbers, rounded, others(numbers, rounded));
      values = Elements.ofFloats(dtype, tensor.shape(), rounded);
    }
    double noise = 0;
    double signal = 0;
    float overflow = 0;
    for (int i = 0; i < numbers.length; i++) {
      float x = numbers[i];
      if (Float.isFinite(rounded[i])) {
        noise += ((double) rounded[i] - x) * (rounded[i] - x);
        signal += (double) x * x;
      } else if (Float.isFinite(x)) {
        overflow = Math.max(overflow, Math.abs(x));
      }
    }
    return new HalfRounding(values, noise == 0 ? 0 : Math.sqrt(noise / signal), overflow);
  }

  /** The BFLOAT16 on the other side of each number: its upper half as it stands, or the next one. */
  private static float[] others(float[] numbers, float[] rounded) {
    float[] others = new float[numbers.length];
    for (int i = 0; i < others.length; i++) {
      int upper = Float.floatToRawIntBits(numbers[i]) & 0xffff_0000;
      boolean grew = Float.floatToRawIntBits(rounded[i]) != upper;
      float other = Float.intBitsToFloat(grew ? upper : upper + 0x1_0000);
      others[i] = Float.isFinite(other) && numbers[i] != rounded[i] ? other : Float.NaN;
    }
    return others;
  }
}
