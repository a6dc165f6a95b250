package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.data.Samples;
import dev.dwindle.engine.Tensors;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where samples come from: a description, or the same keys as flags. */
final class DataOptions {
  @Option(names = "--data", paramLabel = "D.yaml", description = "Description of the data set (see docs/data.md).")
  Path description;

  @Option(names = "--data-key", paramLabel = "KEY=VALUE", description = "A key of the description, instead of a file; nested keys with dots.")
  Map<String, String> keys = Map.of();

  @Option(names = "--calibration-samples", paramLabel = "N", description = "Calibrates with the first N samples only.")
  Long calibrationSamples;

  @Option(names = "--evaluation-samples", paramLabel = "N", description = "Evaluates on the first N samples only.")
  Long evaluationSamples;

  /** The data set, or null where none is named. */
  DataSet read() {
    DataSet all = readAll();
    return all == null ? null : new DataSet(
        all.name(), all.metrics(), all.classes(), limit("--calibration-samples", all.calibration(), calibrationSamples),
        limit("--evaluation-samples", all.evaluation(), evaluationSamples));
  }

  private static Samples limit(String flag, Samples samples, Long most) {
    if (most != null && most < 1) {
      throw new InvalidInputException(flag + ": found " + most + ", expected at least 1");
    }
    return most == null ? samples : samples.limit(most);
  }

  private DataSet readAll() {
    if (description != null && !keys.isEmpty()) {
      throw new InvalidInputException("--data and --data-key: found both, expected one of them");
    }
    if (description != null) return DataSet.read(description, Tensors.PROTO);
    return keys.isEmpty() ? null : DataSet.of(keys, Path.of(""), Tensors.PROTO);
  }

  /** The data set, which must be named. */
  DataSet require() {
    DataSet data = read();
    if (data == null) {
      throw new InvalidInputException(
          "--data: found none, expected the description of a data set to calibrate with and to measure on");
    }
    return data;
  }
}
