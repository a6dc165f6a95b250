package dev.dwindle.calibrate;

import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The smallest and the largest value of each channel (axis 1) of some values, over all their other axes and all samples. */
final class PlaneEnds {
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private final Map<String, ChannelRanges> ranges = new HashMap<>();

  /** Takes an output as that which tells the ends of a value's planes: {@code [2, batch, channels]}. */
  void watch(String value, String output) {
    outputs.put(value, output);
  }

  /** Takes one run's outputs. */
  void add(Map<String, Tensor> results) {
    outputs.forEach((name, output) -> {
      Tensor ends = results.get(output);
      ranges.computeIfAbsent(name, n -> ChannelRanges.empty(ends.shape().intDim(2))).includeEnds(ends.floats());
    });
  }

  /** What was seen, by value. */
  Map<String, ChannelRanges> ranges() {
    return ranges;
  }
}
