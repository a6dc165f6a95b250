package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import java.util.Arrays;

/**
 * Scales, zero points and codes of the blocks of one tile in an integer type of at most 8 bits: each block's range
 * divided by the number of steps, or, where that errs less, a part of it: outliers are then clipped.
 */
final class IntegerBlocks {
  /** Parts of the range that are tried. */
  private static final float[] PARTS = {0.95f, 0.9f, 0.85f, 0.8f, 0.75f};
  /** Added to a float below 2^22 and taken away again, it leaves the nearest integer, ties to even. */
  private static final float ROUNDING = 12582912f;

  private final WeightTile tile;
  private final float low;
  private final float high;
  final float[] scales;
  final float[] zeros;
  /** Sum of squared errors of each block. */
  final float[] errors;

  IntegerBlocks(WeightTile tile, DType dtype, boolean search) {
    this.tile = tile;
    this.low = BlockCodes.low(dtype);
    this.high = dtype.max();
    this.scales = new float[tile.columns];
    this.zeros = new float[tile.columns];
    this.errors = new float[tile.columns];
    cover(dtype.isUnsigned());
    sumErrors(scales, errors);
    if (search) {
      search();
    }
  }

  private void cover(boolean zeroPoints) {
    float[] min = new float[tile.columns];
    float[] max = new float[tile.columns];
    extremes(tile.numbers, min, max);
    for (int c = 0; c < scales.length; c++) {
      float range = zeroPoints ? max[c] - min[c] : Math.max(-min[c], max[c]);
      float steps = zeroPoints ? high - low : high;
      scales[c] = range == 0 ? 1 : Math.max(range / steps, Float.MIN_NORMAL);
      zeros[c] = zeroPoints ? Math.clamp(Math.round(low - min[c] / scales[c]), (int) low, (int) high) : 0;
    }
  }

  /** Smallest and largest of each column, zero included. */
  private static void extremes(float[] numbers, float[] min, float[] max) {
    int columns = min.length;
    for (int at = 0; at < numbers.length; at += columns) {
      for (int c = 0; c < columns; c++) {
        float x = numbers[at + c];
        min[c] = Math.min(min[c], x);
        max[c] = Math.max(max[c], x);
      }
    }
  }

  private void search() {
    float[] full = scales.clone();
    float[] tried = new float[full.length];
    float[] error = new float[full.length];
    for (float part : PARTS) {
      for (int c = 0; c < full.length; c++) {
        tried[c] = Math.max(full[c] * part, Float.MIN_NORMAL);
      }
      sumErrors(tried, error);
      for (int c = 0; c < full.length; c++) {
        if (error[c] < errors[c]) {
          errors[c] = error[c];
          scales[c] = tried[c];
        }
      }
    }
  }

  private void sumErrors(float[] scale, float[] sums) {
    float[] inverse = new float[scale.length];
    for (int c = 0; c < scale.length; c++) {
      inverse[c] = 1 / scale[c];
    }
    Arrays.fill(sums, 0);
    for (int at = 0; at < tile.numbers.length; at += scale.length) {
      addErrors(tile.numbers, at, inverse, scale, zeros, low, high, sums);
    }
  }

  private static void addErrors(float[] numbers, int at, float[] inverse, float[] scale, float[] zero, float low,
      float high, float[] sums) {
    for (int c = 0; c < scale.length; c++) {
      float x = numbers[at + c];
      float q = Math.min(Math.max(x * inverse[c] + zero[c], low), high);
      float off = ((q + ROUNDING) - ROUNDING - zero[c]) * scale[c] - x;
      sums[c] += off * off;
    }
  }

  /** The code of each number: QuantizeLinear's, to the bit. */
  byte[] codes() {
    byte[] codes = new byte[tile.numbers.length];
    for (int at = 0; at < codes.length; at += scales.length) {
      encode(tile.numbers, at, scales, zeros, low, high, codes);
    }
    return codes;
  }

  private static void encode(float[] numbers, int at, float[] scale, float[] zero, float low, float high,
      byte[] codes) {
    for (int c = 0; c < scale.length; c++) {
      codes[at + c] = code(numbers[at + c] / scale[c], zero[c], low, high);
    }
  }

  /** The code of a number that was divided by its scale. */
  static byte code(float quotient, float zero, float low, float high) {
    // Beyond this every type saturates, and below it the rounding is exact.
    float q = Math.min(Math.max(quotient, -1024), 1024) + ROUNDING - ROUNDING + zero;
    return (byte) Math.min(Math.max(q, low), high);
  }
}
