package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
import dev.dwindle.data.Samples;
import dev.dwindle.engine.Tensors;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.Map;

/** Where samples come from: a description, or the same keys as flags. */
final class DataOptions {
  private final Argument<Path> description;
  private final Argument<Map<String, String>> keys;
  private final Argument<Long> calibrationSamples;
  private final Argument<Long> evaluationSamples;

  DataOptions(Options options) {
    description = options.option("--data", "D.yaml", Path.class, "Description of the data set (see docs/data.md).");
    keys = options.map("--data-key", "KEY=VALUE",
        "A key of the description, instead of a file; nested keys with dots.");
    calibrationSamples = options.option("--calibration-samples", "N", Long.class,
        "Calibrates with the first N samples only.");
    evaluationSamples = options.option("--evaluation-samples", "N", Long.class,
        "Evaluates on the first N samples only.");
  }

  /** The data set, or null where none is named. */
  DataSet read() {
    DataSet all = readAll();
    return all == null ? null
        : all.withCalibration(limit("--calibration-samples", all.calibration(), calibrationSamples.get()))
            .withEvaluation(limit("--evaluation-samples", all.evaluation(), evaluationSamples.get()));
  }

  private static Samples limit(String flag, Samples samples, Long most) {
    if (most != null && most < 1) {
      throw new InvalidInputException(flag + ": found " + most + ", expected at least 1");
    }
    return most == null ? samples : samples.limit(most);
  }

  private DataSet readAll() {
    if (description.get() != null && !keys.get().isEmpty()) {
      throw new InvalidInputException("--data and --data-key: found both, expected one of them");
    }
    if (description.get() != null) return DataSet.read(description.get(), Tensors.PROTO);
    return keys.get().isEmpty() ? null : DataSet.of(keys.get(), Path.of(""), Tensors.PROTO);
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
