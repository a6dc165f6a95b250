package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/**
 * Weights as symmetric INT8 with one scale, or with one for each index of an axis (per channel).
 *
 * @param values INT8, the shape of the weights
 * @param scales FLOAT, a scalar or one for each channel
 * @param axis the channels' axis, or -1 for one scale
 */
public record QuantizedWeights(Tensor values, float[] scales, int axis) {
  /** Added and taken away again, it leaves the nearest whole number, ties to even, of a FLOAT below 2^22. */
  private static final float ROUNDING = 12582912f;

  /** Shares of a scale that are tried. */
  private static final int SHARES = 80;

  /** The scale of each channel so that its largest magnitude takes {@code bits} bits; 1 where all are zero. */
  public static float[] scales(float[] weights, Shape shape, int axis, int bits) {
    float[] scales = new float[axis < 0 ? 1 : shape.intDim(axis)];
    int inner = inner(shape, axis);
    for (int from = 0; from < weights.length; from += scales.length * inner) {
      if (inner == 1) {
        widen(scales, weights, from);
      } else {
        for (int c = 0; c < scales.length; c++) {
          scales[c] = Math.max(scales[c], largest(weights, from + c * inner, inner));
        }
      }
    }
    int top = (1 << (bits - 1)) - 1;
    for (int c = 0; c < scales.length; c++) {
      scales[c] = scales[c] == 0 ? 1f : Math.max(scales[c] / top, Float.MIN_NORMAL);
    }
    return scales;
  }

  /**
   * Scales no larger than those of {@link #scales}, so that rounding to nearest has the least squared error; what lies beyond the largest integer is cut.
   *
   * @param from which they are looked for, in {@value #SHARES} shares
   */
  public static float[] leastErrorScales(float[] weights, Shape shape, int axis, float[] from, int bits) {
    int inner = inner(shape, axis);
    double top = (1 << (bits - 1)) - 1;
    double[][] errors = new double[SHARES][from.length];
    for (int i = 0; i < weights.length; i++) {
      int c = i / inner % from.length;
      for (int share = SHARES / 4; share < SHARES; share++) {
        double scale = share(from[c], share);
        double error = weights[i] - scale * Math.clamp(Math.rint(weights[i] / scale), -top, top);
        errors[share][c] += error * error;
      }
    }
    float[] scales = from.clone();
    for (int c = 0; c < scales.length; c++) {
      int best = SHARES - 1;
      for (int share = SHARES - 1; share >= SHARES / 4; share--) {
        if (errors[share][c] < errors[best][c]) best = share;
      }
      scales[c] = Math.max(share(from[c], best), Float.MIN_NORMAL);
    }
    return scales;
  }

  private static float share(float scale, int share) {
    return share == SHARES - 1 ? scale : scale * (share + 1) / SHARES;
  }

  /** How many neighbouring elements are of one channel. */
  private static int inner(Shape shape, int axis) {
    return Math.toIntExact(axis < 0 ? Math.max(1, shape.size()) : shape.product(axis + 1, shape.rank()));
  }

  private static void widen(float[] largest, float[] weights, int from) {
    for (int c = 0; c < largest.length; c++) {
      largest[c] = Math.max(largest[c], Math.abs(weights[from + c]));
    }
  }

  private static float largest(float[] weights, int from, int count) {
    float largest = 0;
    for (int i = from; i < from + count; i++) {
      largest = Math.max(largest, Math.abs(weights[i]));
    }
    return largest;
  }

  /** Rounds weights to nearest even with given scales, saturated to {@code -(2^(bits-1) - 1) .. 2^(bits-1) - 1}. */
  public static QuantizedWeights of(float[] weights, Shape shape, int axis, float[] scales, int bits) {
    int inner = inner(shape, axis);
    float top = (1 << (bits - 1)) - 1;
    byte[] values = new byte[weights.length];
    for (int from = 0; from < weights.length; from += scales.length * inner) {
      if (inner == 1) {
        round(weights, from, scales, top, values);
      } else {
        for (int c = 0; c < scales.length; c++) {
          round(weights, from + c * inner, inner, scales[c], top, values);
        }
      }
    }
    return new QuantizedWeights(Tensor.of(DType.INT8, shape, values), scales, axis);
  }

  /** As {@link #of}, with weights that make up for each other's errors. */
  public static QuantizedWeights compensated(float[] weights, Shape shape, int axis, float[] scales, int bits,
      LayerInputs inputs) {
    byte[] values = CompensatedRounding.round(weights, shape, inputs, grid(shape, axis, scales, bits));
    return new QuantizedWeights(Tensor.of(DType.INT8, shape, values), scales, axis);
  }

  private static CompensatedRounding.Grid grid(Shape shape, int axis, float[] scales, int bits) {
    int inner = inner(shape, axis);
    float top = (1 << (bits - 1)) - 1;
    return new CompensatedRounding.Grid() {
      @Override
      public byte code(int at, float number) {
        float q = Math.max(-top, Math.min(top, number / scales[at / inner % scales.length]));
        return (byte) (int) (q + ROUNDING - ROUNDING);
      }

      @Override
      public float number(int at, byte code) {
        return code * scales[at / inner % scales.length];
      }
    };
  }

  private static void round(float[] weights, int from, float[] scales, float top, byte[] values) {
    for (int c = 0; c < scales.length; c++) {
      float q = Math.max(-top, Math.min(top, weights[from + c] / scales[c]));
      values[from + c] = (byte) (int) (q + ROUNDING - ROUNDING);
    }
  }

  private static void round(float[] weights, int from, int count, float scale, float top, byte[] values) {
    for (int i = from; i < from + count; i++) {
      float q = Math.max(-top, Math.min(top, weights[i] / scale));
      values[i] = (byte) (int) (q + ROUNDING - ROUNDING);
    }
  }

  /** The scales as a tensor: a scalar, or a vector of channels. */
  public Tensor scaleTensor() {
    return Tensor.of(axis < 0 ? Shape.SCALAR : Shape.of(scales.length), scales);
  }

  /** Zeros of INT8 in the shape of the scales. */
  public Tensor zeroPointTensor() {
    return Tensor.of(DType.INT8, axis < 0 ? Shape.SCALAR : Shape.of(scales.length), new byte[scales.length]);
  }
}
