package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which activations have outlier channels, and by what factors those are divided so that they do not take the steps from the
 * others; the rows of the weights that read them are multiplied in turn. After SmoothQuant (Xiao et al., 2022), for outliers only.
 */
final class Smoothing {
  /** The share of channels that counts as usual: what reaches further than they do is an outlier. */
  private static final double USUAL = 0.97;
  /** How much of an outlier's excess is taken from the activation; the weights bear it, and have steps to lose as well. */
  private static final double STRENGTH = 0.85;
  /** An activation is left alone unless its outliers reach so many times as far as the usual channels. */
  private static final double WORTHWHILE = 2;

  private Smoothing() {}

  /** The activations that only products with constant matrices read dequantized, in ranges of their own, and their channels. */
  static Map<Value, Integer> candidates(ActivationPlan plan, List<Layer> layers) {
    Map<Value, List<Layer>> products = new HashMap<>();
    for (Layer layer : layers) {
      if (layer.node().is("MatMul") && layer.weight() == 1 && layer.channelAxis() == 1) {
        products.computeIfAbsent(layer.node().input(0), v -> new ArrayList<>()).add(layer);
      }
    }
    Map<Value, Integer> candidates = new LinkedHashMap<>();
    for (List<Value> group : plan.groups()) {
      Value value = group.getFirst();
      List<Layer> readers = products.getOrDefault(value, List.of());
      if (group.size() == 1 && !readers.isEmpty() && readers.size() == plan.readers(value).size()) {
        candidates.put(value, readers.getFirst().node().input(1).tensor().shape().intDim(0));
      }
    }
    return candidates;
  }

  /** The factor of each channel, 1 for all but outliers; null where there are none worth it. */
  static float[] factors(ChannelRanges channels) {
    float[] factors = channels.reaches();
    float[] sorted = factors.clone();
    Arrays.sort(sorted);
    float usual = sorted[(int) Math.round(USUAL * (sorted.length - 1))];
    if (!(usual > 0) || sorted[sorted.length - 1] < WORTHWHILE * usual) {
      return null;
    }
    for (int c = 0; c < factors.length; c++) {
      factors[c] = (float) Math.pow(Math.max(1, factors[c] / usual), STRENGTH);
    }
    return factors;
  }
}
