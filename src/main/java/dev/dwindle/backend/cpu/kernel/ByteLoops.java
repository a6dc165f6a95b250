package dev.dwindle.backend.cpu.kernel;

/**
 * Loops between 8-bit integers and floats, written so that the JIT compiler vectorizes them: no call, no branch that
 * depends on data, and the sign of the type decided outside.
 */
public final class ByteLoops {
  /**
   * 1.5 * 2^23: added to a float of small magnitude it leaves the nearest integer, ties to even, in the low bits of the
   * representation.
   */
  static final float ROUND = 12582912f;

  private ByteLoops() {}

  static float low(boolean signed) {
    return signed ? -128 : 0;
  }

  static float high(boolean signed) {
    return signed ? 127 : 255;
  }

  /** {@code y[i] = x[i] - zero}, exactly, for {@code n} elements from {@code from} on. */
  static void expand(ByteSlice x, int from, int zero, float[] y, int to, int n) {
    byte[] bytes = x.array();
    int at = x.offset() + from;
    if (x.signed()) {
      for (int i = 0; i < n; i++) {
        y[to + i] = bytes[at + i] - zero;
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[to + i] = (bytes[at + i] & 255) - zero;
      }
    }
  }

  /** ONNX QuantizeLinear: {@code y = saturate(roundHalfEven(x / scale) + zero)}; the sign of the type is y's. */
  public static void quantize(Slice x, float scale, int zero, ByteSlice y, int n) {
    float low = low(y.signed()) - zero;
    float high = high(y.signed()) - zero;
    float[] from = x.array();
    int at = x.offset();
    byte[] to = y.array();
    int out = y.offset();
    for (int i = 0; i < n; i++) {
      float v = Math.min(Math.max(from[at + i] / scale, low), high);
      to[out + i] = (byte) (Float.floatToRawIntBits(v + ROUND) + zero);
    }
  }

  /** ONNX DequantizeLinear: {@code y = (x - zero) * scale}. */
  public static void dequantize(ByteSlice x, float scale, int zero, Slice y, int n) {
    byte[] bytes = x.array();
    int at = x.offset();
    float[] to = y.array();
    int out = y.offset();
    if (x.signed()) {
      for (int i = 0; i < n; i++) {
        to[out + i] = (bytes[at + i] - zero) * scale;
      }
    } else {
      for (int i = 0; i < n; i++) {
        to[out + i] = ((bytes[at + i] & 255) - zero) * scale;
      }
    }
  }

  /**
   * What quantizing and dequantizing leaves of a float, without the bytes between: {@code y = (clamp(roundHalfEven(x /
   * scale) + zero) - zero) * scale}. May work in place.
   */
  public static void quantizeDequantize(Slice x, float scale, int zero, boolean signed, Slice y, int n) {
    float low = low(signed) - zero;
    float high = high(signed) - zero;
    float[] from = x.array();
    int at = x.offset();
    float[] to = y.array();
    int out = y.offset();
    for (int i = 0; i < n; i++) {
      float v = Math.min(Math.max(from[at + i] / scale, low), high);
      to[out + i] = (v + ROUND - ROUND) * scale;
    }
  }
}
