package dev.dwindle.quant;

import dev.dwindle.tensor.Tensor;

/**
 * Weights in a narrow type, as DequantizeLinear reads them.
 *
 * @param scales FLOAT, one for each block
 * @param zeroPoints in the type of the values, or null where all are 0
 * @param sqnr signal to quantization noise ratio in dB; infinite where nothing was lost, NaN where a weight is not finite
 */
public record StoredWeights(BlockLayout layout, Tensor values, Tensor scales, Tensor zeroPoints, double sqnr) {}
