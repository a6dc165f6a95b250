package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.Calibration;
import dev.dwindle.calibrate.ChannelRanges;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Memory;
import dev.dwindle.pass.PassContext;
import dev.dwindle.rewrite.Equalization;
import dev.dwindle.rewrite.Equalization.Site;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Divides channels so that those of an activation reach about as far: one scale then leaves each of them as many steps. Done where a depthwise convolution makes or
 * reads them. Which layers are quantized does not matter here, so that what was observed holds for all tries of a search.
 */
final class Equalizing {
  static final String SETTING = "equalization";

  /** Weights of fewer bits would lose by the rows that are multiplied more than activations gain. */
  private static final int FEWEST_BITS = 7;
  /** Samples that are looked at where they are read for this alone. */
  private static final int SAMPLES = 64;
  private static final String MEMORY = "divided channels";

  /** What was found in samples that were read for this alone, kept for other tries. */
  private record Found(Map<String, ChannelRanges> ranges) {}

  private final Graph graph;
  private final PassContext context;
  private final List<Site> sites;
  private int divided;

  Equalizing(Graph graph, PassContext context, Format format) {
    this.graph = graph;
    this.context = context;
    sites = context.settings().flag(SETTING) && format.perChannel() ? Equalization.sites(graph).stream()
        .filter(site -> site.isDepthwise() && (format.weightBits() >= FEWEST_BITS
            || site.readers().stream().allMatch(Equalization::isDepthwise)))
        .toList() : List.of();
  }

  /** Observes what the divisors depend on, and of these activations what their ranges do, in the run that finds all else. */
  void observe(Calibration calibration, List<Value> activations) {
    for (Site site : sites) {
      site.holding().forEach(value -> calibration.alsoPlanes(value.name(), site.channels()));
      site.values().stream().filter(activations::contains)
          .forEach(value -> calibration.alsoPlanes(value.name(), site.channels()));
    }
  }

  /** Reads samples for the divisors alone, and divides. */
  void divideFirst() {
    if (sites.isEmpty()) return;
    Found known = context.memory().find(MEMORY, Found.class);
    if (known == null) {
      Calibration calibration = new Calibration(graph,
          context.withCalibration(context.calibration().limit(SAMPLES)).withMemory(Memory.NONE));
      observe(calibration, List.of());
      calibration.minMax(List.of());
      known = new Found(calibration.planes());
      context.memory().keep(MEMORY, known);
    }
    divide(known.ranges());
  }

  /**
   * Divides the channels.
   *
   * @param ranges of the planes that were observed
   * @return the divisors of all planes of each value in such a place, by its name
   */
  Map<String, float[]> divide(Map<String, ChannelRanges> ranges) {
    Map<String, float[]> divisors = new HashMap<>();
    for (Site site : sites) {
      int[] steps = steps(site, ranges);
      if (steps == null) continue;
      Equalization.divide(site, steps);
      divided++;
      float[] each = Equalization.divisors(steps);
      for (Value value : site.values()) {
        if (ranges.containsKey(value.name())) {
          divisors.put(value.name(), repeated(each, ranges.get(value.name()).min().length / each.length));
        }
      }
    }
    return divisors;
  }

  /** Behind a Flatten each channel is as many planes as it had numbers. */
  private static float[] repeated(float[] each, int times) {
    float[] repeated = new float[each.length * times];
    for (int i = 0; i < repeated.length; i++) repeated[i] = each[i / times];
    return repeated;
  }

  /**
   * The divisors, in eighths of an octave: the root of how far a channel reaches over what the layers behind it make of it, which is SmoothQuant (Xiao et al., 2022) at
   * one half; null where nothing is to be divided.
   */
  private static int[] steps(Site site, Map<String, ChannelRanges> ranges) {
    double[] wanted = new double[site.channels()];
    for (Value value : site.holding()) {
      float[] own = ranges.get(value.name()).reaches();
      int each = own.length / wanted.length;
      for (int i = 0; i < own.length; i++) wanted[i / each] = Math.max(wanted[i / each], own[i]);
    }
    double[] shares = new double[wanted.length];
    for (Node reader : site.readers()) {
      float[] own = Equalization.shares(reader, wanted.length);
      for (int c = 0; c < shares.length; c++) shares[c] = Math.max(shares[c], own[c]);
    }
    double most = 0;
    for (int c = 0; c < wanted.length; c++) {
      // What nothing reads is not to take the steps of others, nor what was not seen to reach anywhere.
      wanted[c] = shares[c] > 0 ? Math.sqrt(wanted[c] / shares[c]) : 0;
      most = Math.max(most, wanted[c]);
    }
    if (!(most > 0) || Double.isInfinite(most)) return null;
    int[] steps = new int[wanted.length];
    for (int c = 0; c < steps.length; c++) {
      double octaves = wanted[c] > 0 ? Math.log(most / wanted[c]) / Math.log(2) : 0;
      steps[c] = (int) Math.clamp(Math.rint(octaves * Equalization.STEPS_PER_OCTAVE), 0, Equalization.MOST_STEPS);
    }
    return Arrays.stream(steps).allMatch(step -> step == steps[0]) ? null : steps;
  }

  /** What was done, as the report says it; nothing where there was nothing to do. */
  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    if (!sites.isEmpty()) {
      figures.put(SETTING, divided + " of " + sites.size()
          + " activations about depthwise convolutions have channels divided, which the weights make up for");
    }
    return figures;
  }
}
