package dev.dwindle.quant;

import java.util.List;

/**
 * What is known of what a layer's weights are multiplied with.
 *
 * @param outputAxis of the weights, 0 or 1; those of one output are all others, in the order of the moments' inputs
 * @param groups of as many outputs each, in their order: one where all read the same
 */
public record LayerInputs(int outputAxis, List<RoundingOrder> groups) {}
