package dev.dwindle.calibrate;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one run over the samples found, by value: kept for other tries on the same graph, which mostly ask for less. */
record Findings(
    Map<String, Range> ranges, Map<String, Distribution> distributions, Map<String, double[]> means,
    Map<String, ChannelHalves> channels, Map<String, ChannelRanges> planes) {
  /** Whether the means and the ranges of channels that are asked for were found. */
  boolean cover(Collection<String> withMeans, Collection<String> withChannels) {
    return means.keySet().containsAll(withMeans) && channels.keySet().containsAll(withChannels);
  }

  /** What is asked for, in the order of the question. */
  static <T> Map<String, T> only(Map<String, T> found, Collection<String> names) {
    Map<String, T> only = new LinkedHashMap<>();
    names.forEach(name -> only.put(name, found.get(name)));
    return only;
  }
}
