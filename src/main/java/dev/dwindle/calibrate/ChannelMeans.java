package dev.dwindle.calibrate;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The mean of each channel (axis 1) of some values, over all their other axes and all samples. */
final class ChannelMeans {
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private final Map<String, double[]> sums = new HashMap<>();
  private final Map<String, Long> rows = new HashMap<>();

  /** Has an observation tell the means of these values, of two axes or more. */
  ChannelMeans(Observation observation, Collection<String> images, Collection<String> vectors) {
    images.forEach(name -> outputs.put(name,
        output(observation.graph(), observation.graph().node("GlobalAveragePool").in(observation.twin(name)), name)));
    vectors.forEach(name -> outputs.put(name, output(observation.graph(),
        observation.graph().node("Flatten").attribute(Attribute.of("axis", 1)).in(observation.twin(name)), name)));
  }

  private static String output(Graph graph, NodeBuilder node, String name) {
    Value result = node.out(name + "_means", null).append().output();
    graph.addOutput(result);
    return result.name();
  }

  /** Takes one run's outputs: a row of channel means for each image or vector. */
  void add(Map<String, Tensor> results) {
    outputs.forEach((name, output) -> {
      float[] values = results.get(output).floats();
      int channels = results.get(output).shape().intDim(1);
      double[] sum = sums.computeIfAbsent(name, n -> new double[channels]);
      for (int i = 0; i < values.length; i++) {
        sum[i % channels] += values[i];
      }
      rows.merge(name, (long) values.length / channels, Long::sum);
    });
  }

  /** The means, by value. */
  Map<String, double[]> means() {
    Map<String, double[]> means = new HashMap<>();
    sums.forEach((name, sum) -> {
      double[] mean = sum.clone();
      for (int c = 0; c < mean.length; c++) {
        mean[c] /= rows.get(name);
      }
      means.put(name, mean);
    });
    return means;
  }
}
