package dev.dwindle.backend.cpu.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops between 8-bit integers and floats, written so that the JIT compiler vectorizes them: no call, no branch that
 * depends on data, and the sign of the type decided outside.
 */
public final class ByteLoops {
  /**
   * 1.5 * 2^23: added to a float of small magnitude and taken off again it leaves the nearest integer, ties to even.
   */
  static final float ROUND = 12582912f;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

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

  /**
   * ONNX QuantizeLinear: {@code y = saturate(roundHalfEven(x / scale) + zero)} for {@code n} elements from {@code from}
   * on. A NaN becomes the zero point.
   */
  public static void quantize(Slice x, ByteSlice y, int from, int n, float scale, int zero) {
    float low = low(y.signed()) - zero;
    float high = high(y.signed()) - zero;
    float[] floats = x.array();
    int at = x.offset() + from;
    byte[] bytes = y.array();
    int to = y.offset() + from;
    for (int i = 0; i < n; i++) {
      float v = Math.min(Math.max(floats[at + i] / scale, low), high);
      bytes[to + i] = (byte) ((int) (v + ROUND - ROUND) + zero);
    }
  }

  /** ONNX DequantizeLinear: {@code y = (x - zero) * scale} for {@code n} elements from {@code from} on. */
  public static void dequantize(ByteSlice x, Slice y, int from, int n, float scale, int zero) {
    byte[] bytes = x.array();
    int at = x.offset() + from;
    float[] floats = y.array();
    int to = y.offset() + from;
    if (x.signed()) {
      for (int i = 0; i < n; i++) {
        floats[to + i] = (bytes[at + i] - zero) * scale;
      }
    } else {
      for (int i = 0; i < n; i++) {
        floats[to + i] = ((bytes[at + i] & 255) - zero) * scale;
      }
    }
  }

  /**
   * What quantizing and dequantizing leaves of a float, without the bytes between; y may be x.
   *
   * @param signed whether the bytes would be INT8 rather than UINT8
   */
  public static void roundTrip(Slice x, Slice y, int from, int n, float scale, int zero, boolean signed) {
    float low = low(signed) - zero;
    float high = high(signed) - zero;
    float[] source = x.array();
    int at = x.offset() + from;
    float[] target = y.array();
    int to = y.offset() + from;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, source, at + i).div(scale).max(low).min(high);
      v.add(ROUND).sub(ROUND).mul(scale).intoArray(target, to + i);
    }
    for (; i < n; i++) {
      float v = Math.min(Math.max(source[at + i] / scale, low), high);
      target[to + i] = (v + ROUND - ROUND) * scale;
    }
  }
}
