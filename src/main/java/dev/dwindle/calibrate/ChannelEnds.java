package dev.dwindle.calibrate;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** The smallest and largest value of each channel (the last axis) of some values, over all their other axes, in each half of the samples. */
final class ChannelEnds {
  private final Map<String, ChannelHalves> ranges = new LinkedHashMap<>();
  private boolean odd;

  /**
   * Has an observation tell the values of so many channels as they are: a reduction for each would cost more than to read
   * them here, for what products read is small beside the products.
   */
  ChannelEnds(Observation observation, Map<String, Integer> widths) {
    Graph graph = observation.graph();
    widths.forEach((name, channels) -> {
      Value value = observation.twin(name);
      if (!value.isGraphOutput()) graph.addOutput(value);
      ranges.put(name, new ChannelHalves(ChannelRanges.empty(channels), ChannelRanges.empty(channels)));
    });
  }

  /** Takes one run's outputs, in the order of the samples. */
  void add(Map<String, Tensor> results) {
    ranges.forEach((name, halves) -> (odd ? halves.odd() : halves.even()).include(results.get(name).floats()));
    odd = !odd;
  }

  /** What was seen, by value. */
  Map<String, ChannelHalves> ranges() {
    return ranges;
  }
}
