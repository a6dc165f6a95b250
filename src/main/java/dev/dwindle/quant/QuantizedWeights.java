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
  /** The scale of each channel so that its largest magnitude takes {@code bits} bits; 1 where all are zero. */
  public static float[] scales(float[] weights, Shape shape, int axis, int bits) {
    int channels = axis < 0 ? 1 : shape.intDim(axis);
    int inner = (int) (axis < 0 ? shape.size() : shape.product(axis + 1, shape.rank()));
    float[] scales = new float[channels];
    for (int i = 0; i < weights.length; i++) {
      int channel = (i / inner) % channels;
      scales[channel] = Math.max(scales[channel], Math.abs(weights[i]));
    }
    int top = (1 << (bits - 1)) - 1;
    for (int c = 0; c < channels; c++) {
      scales[c] = scales[c] == 0 ? 1f : Math.max(scales[c] / top, Float.MIN_NORMAL);
    }
    return scales;
  }

  /** Rounds weights to nearest even with given scales, saturated to {@code -(2^(bits-1) - 1) .. 2^(bits-1) - 1}. */
  public static QuantizedWeights of(float[] weights, Shape shape, int axis, float[] scales, int bits) {
    int inner = (int) (axis < 0 ? Math.max(1, shape.size()) : shape.product(axis + 1, shape.rank()));
    int top = (1 << (bits - 1)) - 1;
    byte[] values = new byte[weights.length];
    for (int i = 0; i < weights.length; i++) {
      double q = Math.rint(weights[i] / scales[(i / inner) % scales.length]);
      values[i] = (byte) Math.clamp(q, -top, top);
    }
    return new QuantizedWeights(Tensor.of(DType.INT8, shape, values), scales, axis);
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
