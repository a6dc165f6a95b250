package dev.dwindle.quant;

import dev.dwindle.tensor.DType;

/**
 * A floating-point format of at most eight bits, by its table of values. Sources: the OCP 8-bit floating point and
 * microscaling (MX) specifications, and ONNX's "Float stored in 8 bits".
 */
public final class MiniFloat {
  private enum Specials {
    /** Exponent all ones holds infinity and NaN. */
    IEEE,
    /** Only the code of all ones is NaN; no infinity. */
    FN,
    /** Only the code of minus zero is NaN; no infinity, no minus zero. */
    FNUZ,
    /** Every code is a finite number. */
    NONE
  }

  private static final MiniFloat E4M3FN = new MiniFloat(4, 3, 7, Specials.FN);
  private static final MiniFloat E4M3FNUZ = new MiniFloat(4, 3, 8, Specials.FNUZ);
  private static final MiniFloat E5M2 = new MiniFloat(5, 2, 15, Specials.IEEE);
  private static final MiniFloat E5M2FNUZ = new MiniFloat(5, 2, 16, Specials.FNUZ);
  private static final MiniFloat E2M1 = new MiniFloat(2, 1, 1, Specials.NONE);

  private final int signBit;
  private final int mantissaBits;
  private final int minExponent;
  private final Specials specials;
  private final float[] values;
  private final int maxCode;
  /** The smallest magnitude that no longer rounds to the largest finite value. */
  private final float overflow;

  private MiniFloat(int exponentBits, int mantissaBits, int bias, Specials specials) {
    this.signBit = 1 << (exponentBits + mantissaBits);
    this.mantissaBits = mantissaBits;
    this.minExponent = 1 - bias;
    this.specials = specials;
    this.values = new float[2 * signBit];
    for (int code = 0; code < signBit; code++) {
      int exponent = code >> mantissaBits;
      float mantissa = (code & ((1 << mantissaBits) - 1)) / (float) (1 << mantissaBits);
      float value = exponent == 0 ? Math.scalb(mantissa, 1 - bias) : Math.scalb(1 + mantissa, exponent - bias);
      if (specials == Specials.IEEE && exponent == (1 << exponentBits) - 1) {
        value = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
      } else if (specials == Specials.FN && code == signBit - 1) {
        value = Float.NaN;
      }
      values[code] = value;
      values[code + signBit] = -value;
    }
    if (specials == Specials.FNUZ) {
      values[signBit] = Float.NaN;
    }
    int last = signBit - 1;
    while (!Float.isFinite(values[last])) {
      last--;
    }
    this.maxCode = last;
    float tie = values[last] + (values[last] - values[last - 1]) / 2;
    this.overflow = (last & 1) == 1 ? tie : Math.nextUp(tie);
  }

  /** The format of a type: FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ or FLOAT4E2M1. */
  public static MiniFloat of(DType type) {
    return switch (type) {
      case FLOAT8E4M3FN -> E4M3FN;
      case FLOAT8E4M3FNUZ -> E4M3FNUZ;
      case FLOAT8E5M2 -> E5M2;
      case FLOAT8E5M2FNUZ -> E5M2FNUZ;
      case FLOAT4E2M1 -> E2M1;
      default -> throw new IllegalArgumentException(type + " is not a small floating-point type");
    };
  }

  /** The number that a code stands for. */
  public float decode(int code) {
    return values[code & (values.length - 1)];
  }

  /** Largest finite value. */
  public float max() {
    return values[maxCode];
  }

  /**
   * The code nearest to {@code value}, ties to even. What is too large becomes the largest finite value when {@code
   * saturate}, else infinity where the format has one, else NaN (ONNX Cast, attribute {@code saturate}).
   */
  public int encode(float value, boolean saturate) {
    boolean negative = (Float.floatToRawIntBits(value) & 0x8000_0000) != 0;
    int sign = negative ? signBit : 0;
    if (Float.isNaN(value)) {
      return nan(sign);
    }
    float magnitude = Math.abs(value);
    if (Float.isInfinite(magnitude) || magnitude >= overflow) {
      return saturate || specials == Specials.NONE ? sign | maxCode : infinity(sign);
    }
    // In units of the last place at its exponent a number is an integer; the codes count these, exponent by exponent.
    int exponent = Math.max(Math.getExponent(magnitude), minExponent);
    float units = magnitude * Float.intBitsToFloat((Float.MAX_EXPONENT + mantissaBits - exponent) << 23);
    int code = ((exponent - minExponent) << mantissaBits) + (int) Math.rint(units);
    return code == 0 && specials == Specials.FNUZ ? 0 : sign | code;
  }

  /** The code that ONNX's reference gives NaN; a format without NaN has a zero of the other sign. */
  private int nan(int sign) {
    return switch (specials) {
      case IEEE -> sign | (signBit - 2);
      case FN -> sign | (signBit - 1);
      case FNUZ -> signBit;
      case NONE -> signBit - sign;
    };
  }

  private int infinity(int sign) {
    return specials == Specials.IEEE ? sign | (maxCode + 1) : nan(sign);
  }
}
