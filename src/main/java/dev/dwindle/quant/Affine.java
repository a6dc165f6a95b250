package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/**
 * Affine quantization of one range: {@code q = clamp(round(x / scale) + zeroPoint)}, {@code x = (q - zeroPoint) *
 * scale} (ONNX QuantizeLinear and DequantizeLinear). Zero is always represented exactly.
 *
 * @param dtype an integer type of at most 8 bits
 */
public record Affine(float scale, int zeroPoint, DType dtype) {
  /** Smallest scale that is used: below it, reciprocals overflow. */
  private static final float SMALLEST = 1e-30f;

  /**
   * The quantization that covers a range and zero.
   *
   * @param min smallest value; anything above 0 counts as 0
   * @param max largest value; anything below 0 counts as 0
   * @param symmetric whether zero lies in the middle of the integers (for unsigned types: 2^(bits-1))
   */
  public static Affine covering(float min, float max, DType dtype, boolean symmetric) {
    double low = Math.min(min, 0);
    double high = Math.max(max, 0);
    long qmin = dtype.min();
    long qmax = dtype.max();
    if (symmetric) {
      long middle = dtype.isUnsigned() ? 1L << (dtype.bits() - 1) : 0;
      double scale = Math.max(-low, high) / (qmax - middle);
      return new Affine(usable(scale), (int) middle, dtype);
    }
    float scale = usable((high - low) / (qmax - qmin));
    long zero = Math.round(qmin - low / scale);
    return new Affine(scale, (int) Math.clamp(zero, qmin, qmax), dtype);
  }

  private static float usable(double scale) {
    return scale < SMALLEST ? 1f : (float) scale;
  }

  /** The integer nearest to a number, ties to even, saturated. */
  public int quantize(float x) {
    double q = Math.rint(x / scale) + zeroPoint;
    return (int) Math.clamp(q, dtype.min(), dtype.max());
  }

  /** The number that an integer stands for. */
  public float dequantize(int q) {
    return (q - zeroPoint) * scale;
  }

  /** The scale as a FLOAT scalar. */
  public Tensor scaleTensor() {
    return Tensor.scalar(scale);
  }

  /** The zero point as a scalar of the integer type. */
  public Tensor zeroPointTensor() {
    return Elements.ofLongs(dtype, Shape.SCALAR, new long[] {zeroPoint});
  }
}
