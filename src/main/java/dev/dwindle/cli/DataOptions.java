package dev.dwindle.cli;

import dev.dwindle.data.DataSet;
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

  /** The data set, or null where none is named. */
  DataSet read() {
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
