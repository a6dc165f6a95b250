package dev.dwindle.result;

/**
 * How near a layer's output in the compressed model is to the original's.
 *
 * @param sqnr signal-to-quantization-noise ratio in dB
 * @param maxDifference largest absolute difference
 */
public record LayerFidelity(String node, String operator, double sqnr, double maxDifference) {}
