package dev.dwindle.search;

import dev.dwindle.data.DataSet;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** A data set in a few words that change with it: enough to see that measurements are of another one, read from its first samples. */
final class DataKey {
  private static final int READ = 8;

  private DataKey() {}

  static String of(DataSet data) {
    return data.name() + " " + data.metrics() + " " + of(data.calibration()) + " " + of(data.evaluation());
  }

  private static String of(Samples samples) {
    CRC32C sum = new CRC32C();
    try (Stream<Sample> stream = samples.stream().limit(READ)) {
      stream.forEach(sample -> {
        new TreeMap<>(sample.inputs()).forEach((name, tensor) -> {
          sum.update(name.getBytes());
          add(sum, tensor);
        });
        if (sample.label() != null) add(sum, sample.label());
      });
    }
    return samples.count() + ":" + Long.toHexString(sum.getValue());
  }

  private static void add(CRC32C sum, Tensor tensor) {
    if (tensor.dtype() == DType.STRING) tensor.strings().forEach(sum::update);
    else
      sum.update(tensor.bytes());
  }
}
