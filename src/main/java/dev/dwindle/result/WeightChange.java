package dev.dwindle.result;

import java.util.List;

/**
 * The weights of a layer before and after. Where the original was folded (BatchNormalization put into a convolution), before
 * means after the folding: what a number format did is told, not what the folding moved.
 *
 * @param storage how the file keeps them, such as {@code int8}
 * @param shape such as {@code [64,3,3,3]}
 * @param originalBytes as the original stores them
 * @param bytes as the compressed file stores them, scales and zero points included
 * @param sqnr signal-to-quantization-noise ratio of the weights in dB
 * @param low lower edge of the first bin of both histograms
 * @param high upper edge of the last bin
 * @param original weights of the original in each bin, all bins equally wide
 * @param compressed weights of the compressed model in each bin
 */
public record WeightChange(
    String storage, String shape, long originalBytes, long bytes, double sqnr, double low, double high,
    List<Integer> original, List<Integer> compressed) {}
