package dev.dwindle.data;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code (x * scale - mean) / std}, computed in double precision and rounded once.
 *
 * @param scale a factor
 * @param mean one value, or one for each channel
 * @param std one value, or one for each channel; none is zero
 */
record Scaling(double scale, List<Double> mean, List<Double> std) {
  static final Set<String> KEYS = Set.of("scale", "mean", "std");

  static Scaling read(Map<String, Yaml> keys) {
    double scale = keys.containsKey("scale") ? keys.get("scale").ratio() : 1;
    List<Double> mean = keys.containsKey("mean") ? numbers(keys.get("mean")) : List.of(0.0);
    List<Double> std = keys.containsKey("std") ? numbers(keys.get("std")) : List.of(1.0);
    if (std.contains(0.0)) {
      throw keys.get("std").error("found 0, expected divisors other than zero");
    }
    if (mean.size() != std.size() && mean.size() > 1 && std.size() > 1) {
      throw keys.get("std").error("found " + std.size() + " values, expected " + mean.size() + " as in mean");
    }
    return new Scaling(scale, mean, std);
  }

  private static List<Double> numbers(Yaml values) {
    List<Double> numbers = values.list().stream().map(Yaml::ratio).toList();
    if (numbers.isEmpty()) {
      throw values.error("found an empty list, expected a number, or one for each channel");
    }
    return numbers;
  }

  /** How many channels this was written for; 1 where for any number. */
  int channels() {
    return Math.max(mean.size(), std.size());
  }

  boolean isIdentity() { return scale == 1 && mean.equals(List.of(0.0)) && std.equals(List.of(1.0)); }

  double apply(double x, int channel) {
    return (x * scale - mean.get(mean.size() == 1 ? 0 : channel)) / std.get(std.size() == 1 ? 0 : channel);
  }
}
