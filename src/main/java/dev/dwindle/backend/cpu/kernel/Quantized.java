package dev.dwindle.backend.cpu.kernel;

/**
 * An operand of integer arithmetic: 8-bit values and the zero point that is subtracted from them.
 *
 * @param values the elements
 * @param zero one element for all, or one for each row of a left or each column or channel of a right operand; null
 *     means 0
 * @param zeros number of zero points
 */
public record Quantized(ByteSlice values, ByteSlice zero, int zeros) {
  /** Values whose zero point is 0. */
  public static Quantized symmetric(ByteSlice values) {
    return new Quantized(values, null, 1);
  }

  /** Values with one zero point for all. */
  public static Quantized of(ByteSlice values, ByteSlice zero) {
    return new Quantized(values, zero, 1);
  }

  /** The zero point of row, column or channel {@code i}. */
  int zero(int i) {
    return zero == null ? 0 : zero.get(zeros == 1 ? 0 : i);
  }
}
