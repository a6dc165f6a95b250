package dev.dwindle.backend.onnxruntime;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** A folder for the time of one action. */
final class TemporaryFolder {
  private TemporaryFolder() {}

  static <T> T with(Function<Path, T> action) {
    Path folder;
    try {
      folder = Files.createTempDirectory("dwindle-");
    } catch (IOException e) {
      throw new InvalidInputException(
          System.getProperty("java.io.tmpdir") + ": no folder can be made there (" + e.getMessage()
              + "), expected a place for temporary files; name another by -Djava.io.tmpdir=FOLDER",
          e);
    }
    try {
      return action.apply(folder);
    } finally {
      files(folder).forEach(file -> file.toFile().delete());
      folder.toFile().delete();
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      return List.of(); // what cannot be listed is left to the system's own cleaning
    }
  }
}
