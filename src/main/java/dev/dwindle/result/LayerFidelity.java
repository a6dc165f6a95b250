package dev.dwindle.result;

/**
 * How near a layer of the compressed model is to the original's. Where channels were divided, the original's are, too, before they are compared.
 *
 * @param sqnr signal-to-quantization-noise ratio of its output in dB, with all layers before it compressed too
 * @param maxDifference largest absolute difference of its output
 * @param sensitivity signal-to-quantization-noise ratio of the model's outputs in dB where this layer alone is compressed;
 *     the lower, the more the model suffers by it; null where the layer is unchanged or it was not measured
 * @param activations element type in which the layer reads its activations, such as {@code uint8}
 * @param weights null where it has none that can be compared
 */
public record LayerFidelity(
    String node, String operator, double sqnr, double maxDifference, Double sensitivity, String activations,
    WeightChange weights) {}
