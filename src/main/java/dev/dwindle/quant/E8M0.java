package dev.dwindle.quant;

/**
 * FLOAT8E8M0, a power of two in eight bits: code {@code c} is {@code 2^(c - 127)}, and 255 is NaN. Source: the OCP
 * microscaling (MX) specification, and the tables of ONNX's Cast.
 */
public final class E8M0 {
  /** The code of NaN. */
  public static final int NAN = 0xff;
  /** The code of the largest number, {@code 2^127}. */
  public static final int MAX = 0xfe;

  /** Which power of two stands for a number between two of them. */
  public enum Rounding {
    /** The larger. */
    UP,
    /** The smaller. */
    DOWN,
    /** The nearer; the larger of two equally near. */
    NEAREST
  }

  private E8M0() {}

  /** The number that a code stands for. */
  public static float decode(int code) {
    return code == NAN ? Float.NaN : Math.scalb(1f, code - 127);
  }

  /**
   * The code of a number. What is beyond the range becomes the nearest end of it when {@code saturate}, else NaN; NaN
   * and negative numbers become NaN.
   */
  public static int encode(double value, Rounding rounding, boolean saturate) {
    if (Double.isNaN(value) || value < 0) {
      return NAN;
    }
    if (value < 0x1p-127) {
      return saturate ? 0 : NAN;
    }
    int exponent = Math.getExponent(value);
    double mantissa = Double.isInfinite(value) ? 2 : value / Math.scalb(1.0, exponent);
    boolean up = switch (rounding) {
      case UP -> mantissa > 1;
      case DOWN -> false;
      case NEAREST -> mantissa >= 1.5;
    };
    int code = exponent + 127 + (up ? 1 : 0);
    return code <= MAX ? code : saturate ? MAX : NAN;
  }
}
