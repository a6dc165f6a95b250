package dev.dwindle.backend.cpu.kernel;

/**
 * The way from a 32-bit sum to an 8-bit result, as ONNX QLinearConv and QLinearMatMul take it: {@code y =
 * saturate(roundHalfEven(float(sum + bias) * scale) + zero)}, all in single precision.
 *
 * @param scales for all or for each channel: {@code xScale * wScale / yScale}, multiplied and divided in that order in
 *     single precision
 * @param bias for each channel; null for none
 * @param zero zero point of the result
 * @param signed whether the result is INT8 rather than UINT8
 */
public record Requantization(float[] scales, int[] bias, int zero, boolean signed) {
  /** Requantizes {@code n} sums of one channel. */
  void channel(int channel, int[] sums, int from, byte[] y, int to, int n) {
    float scale = scales[scales.length == 1 ? 0 : channel];
    int add = bias == null ? 0 : bias[channel];
    float low = ByteLoops.low(signed) - zero;
    float high = ByteLoops.high(signed) - zero;
    for (int i = 0; i < n; i++) {
      float v = (float) (sums[from + i] + add) * scale;
      v = Math.min(Math.max(v, low), high);
      y[to + i] = (byte) ((int) (v + ByteLoops.ROUND - ByteLoops.ROUND) + zero);
    }
  }

  /** Requantizes {@code n} sums of neighbouring channels, one each. */
  void channels(int channel, int[] sums, int from, byte[] y, int to, int n) {
    if (scales.length == 1 && bias == null) {
      channel(0, sums, from, y, to, n);
      return;
    }
    float low = ByteLoops.low(signed) - zero;
    float high = ByteLoops.high(signed) - zero;
    for (int i = 0; i < n; i++) {
      int sum = bias == null ? sums[from + i] : sums[from + i] + bias[channel + i];
      float v = sum * (scales.length == 1 ? scales[0] : scales[channel + i]);
      v = Math.min(Math.max(v, low), high);
      y[to + i] = (byte) ((int) (v + ByteLoops.ROUND - ByteLoops.ROUND) + zero);
    }
  }
}
