package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.ChannelHalves;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What keeps channels that stand out from taking the steps of an activation's other channels. The outliers proper are left to
 * FLOAT products beside the integer one, after LLM.int8() (Dettmers et al., 2022); the others are divided by a divisor each and
 * the rows of the weights that read them multiplied, after SmoothQuant (Xiao et al., 2022).
 *
 * @param divisors of the channels, at least 1; infinite where a channel is left to FLOAT
 */
record Smoothing(float[] divisors) {
  /** From which share of the channels on, and by which power of what it reaches beyond them, a channel is divided. */
  private record Strength(double share, double power) {}

  /** The share of channels that counts as usual. */
  private static final double USUAL = 0.97;
  /** What reaches so many times as far as the usual channels is left to FLOAT: to divide it would cost the weights their steps. */
  private static final float APART = 3;
  /** Each channel in FLOAT costs four bytes for each output. */
  private static final int MOST_APART = 8;
  /** Halves of the samples that differ by less agree on the ranges of channels, as they do behind a normalization. */
  private static final double AGREEMENT = 1.08;
  private static final Strength AGREED = new Strength(0.5, 0.7);
  /** Where they do not, other samples would exceed ranges that are fitted closely. */
  private static final Strength CAUTIOUS = new Strength(USUAL, 0.5);
  /** Divisors must make the range so many times narrower to be worth their product. */
  private static final float WORTHWHILE = 1.2f;

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

  /** What to do with an activation of which the samples showed this. */
  static Smoothing of(ChannelHalves halves) {
    float[] reaches = halves.all().reaches();
    float[] sorted = reaches.clone();
    Arrays.sort(sorted);
    Strength strength = halves.disagreement() <= AGREEMENT ? AGREED : CAUTIOUS;
    return new Smoothing(divisors(reaches, limit(sorted), quantile(sorted, strength.share()), strength.power()));
  }

  /** How far a channel may reach at most without being left to FLOAT. */
  private static float limit(float[] sorted) {
    float usual = quantile(sorted, USUAL);
    float most = sorted[Math.max(0, sorted.length - 1 - MOST_APART)];
    return usual > 0 ? Math.max(APART * usual, most) : Float.POSITIVE_INFINITY;
  }

  private static float quantile(float[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }

  private static float[] divisors(float[] reaches, float limit, float from, double power) {
    float[] divisors = new float[reaches.length];
    float before = 0;
    float after = 0;
    for (int c = 0; c < divisors.length; c++) {
      if (reaches[c] > limit) {
        divisors[c] = Float.POSITIVE_INFINITY;
      } else {
        divisors[c] = from > 0 ? (float) Math.pow(Math.max(1, reaches[c] / from), power) : 1;
        before = Math.max(before, reaches[c]);
        after = Math.max(after, reaches[c] / divisors[c]);
      }
    }
    if (before < WORTHWHILE * after) {
      for (int c = 0; c < divisors.length; c++) divisors[c] = reaches[c] > limit ? Float.POSITIVE_INFINITY : 1;
    }
    return divisors;
  }

  /** Whether any channel is divided. */
  boolean divides() {
    return IntStream.range(0, divisors.length).anyMatch(c -> divisors[c] > 1 && Float.isFinite(divisors[c]));
  }

  /** The channels that are left to FLOAT. */
  int[] apart() {
    return IntStream.range(0, divisors.length).filter(c -> Float.isInfinite(divisors[c])).toArray();
  }

  /** By what the rows of the weights are multiplied in turn: nothing remains of those that are left to FLOAT. */
  float[] rows() {
    float[] rows = divisors.clone();
    for (int c : apart()) rows[c] = 0;
    return rows;
  }

  /** By what the channels are multiplied. */
  float[] reciprocals() {
    float[] reciprocals = new float[divisors.length];
    for (int c = 0; c < divisors.length; c++) reciprocals[c] = 1 / divisors[c];
    return reciprocals;
  }
}
