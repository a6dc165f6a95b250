package dev.dwindle.calibrate;

import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The mean of each channel (axis 1) of some values, over all their other axes and all samples. */
final class ChannelMeans {
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private final Map<String, double[]> sums = new HashMap<>();
  private final Map<String, Long> rows = new HashMap<>();

  /** Takes an output as that which tells the means of a value's channels, a row for each image or vector. */
  void watch(String value, String output) {
    outputs.put(value, output);
  }

  /** Takes one run's outputs. */
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
