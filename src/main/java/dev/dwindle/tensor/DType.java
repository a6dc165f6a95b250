package dev.dwindle.tensor;

import java.util.Locale;

/** The element types of ONNX ({@code TensorProto.DataType}), with their code and width. */
public enum DType {
  FLOAT(1, 32, Kind.FLOATING),
  UINT8(2, 8, Kind.UNSIGNED),
  INT8(3, 8, Kind.SIGNED),
  UINT16(4, 16, Kind.UNSIGNED),
  INT16(5, 16, Kind.SIGNED),
  INT32(6, 32, Kind.SIGNED),
  INT64(7, 64, Kind.SIGNED),
  STRING(8, 0, Kind.OTHER),
  BOOL(9, 8, Kind.OTHER),
  FLOAT16(10, 16, Kind.FLOATING),
  DOUBLE(11, 64, Kind.FLOATING),
  UINT32(12, 32, Kind.UNSIGNED),
  UINT64(13, 64, Kind.UNSIGNED),
  COMPLEX64(14, 64, Kind.OTHER),
  COMPLEX128(15, 128, Kind.OTHER),
  BFLOAT16(16, 16, Kind.FLOATING),
  FLOAT8E4M3FN(17, 8, Kind.FLOATING),
  FLOAT8E4M3FNUZ(18, 8, Kind.FLOATING),
  FLOAT8E5M2(19, 8, Kind.FLOATING),
  FLOAT8E5M2FNUZ(20, 8, Kind.FLOATING),
  UINT4(21, 4, Kind.UNSIGNED),
  INT4(22, 4, Kind.SIGNED),
  FLOAT4E2M1(23, 4, Kind.FLOATING),
  FLOAT8E8M0(24, 8, Kind.FLOATING),
  UINT2(25, 2, Kind.UNSIGNED),
  INT2(26, 2, Kind.SIGNED);

  private enum Kind {
    FLOATING,
    SIGNED,
    UNSIGNED,
    OTHER
  }

  private static final DType[] BY_CODE = new DType[27];

  static {
    for (DType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int bits;
  private final Kind kind;

  DType(int code, int bits, Kind kind) {
    this.code = code;
    this.bits = bits;
    this.kind = kind;
  }

  /** Whether a type has this ONNX code. */
  public static boolean hasCode(int code) {
    return code > 0 && code < BY_CODE.length;
  }

  /** The type with this ONNX code, or an error that names the code. */
  public static DType ofCode(int code) {
    if (!hasCode(code)) {
      throw new InvalidInputException(
          "element type: found code " + code + ", expected 1 to " + (BY_CODE.length - 1)
              + "; the model is newer than this version of Dwindle or damaged");
    }
    return BY_CODE[code];
  }

  /** The code in {@code TensorProto.DataType}. */
  public int code() {
    return code;
  }

  /** Bits of one element; 0 for strings. */
  public int bits() {
    return bits;
  }

  /** Bytes that {@code count} elements take in a dense array; types below 8 bits are packed. */
  public long bytes(long count) {
    if (bits > 0 && count > Long.MAX_VALUE / bits) {
      throw new InvalidInputException("elements: found " + count + " of " + text() + ", expected fewer than 2^63 bits");
    }
    return bits >= 8 ? count * (bits / 8) : Math.ceilDiv(count * bits, 8L);
  }

  /** A floating-point type, of any width. */
  public boolean isFloating() { return kind == Kind.FLOATING; }

  /** An integer type, signed or unsigned; BOOL is none. */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /** An unsigned integer type. */
  public boolean isUnsigned() { return kind == Kind.UNSIGNED; }

  /** Smallest value of an integer type (0 for UINT64, whose upper half does not fit a long). */
  public long min() {
    requireInteger();
    return isUnsigned() ? 0 : bits == 64 ? Long.MIN_VALUE : -(1L << (bits - 1));
  }

  /** Largest value of an integer type; for UINT64 this is -1, the bit pattern of its maximum. */
  public long max() {
    requireInteger();
    if (bits == 64) {
      return isUnsigned() ? -1L : Long.MAX_VALUE;
    }
    return isUnsigned() ? (1L << bits) - 1 : (1L << (bits - 1)) - 1;
  }

  private void requireInteger() {
    if (!isInteger()) {
      throw new IllegalStateException(this + " is not an integer type");
    }
  }

  /** The name in ONNX's text syntax: {@code float}, {@code int8}, {@code float8e4m3fn}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
