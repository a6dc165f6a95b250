package dev.dwindle.cli;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks before any work that an output can be written. */
final class OutputFolder {
  private OutputFolder() {}

  static void require(Path output) {
    Path folder = output.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException(output + ": cannot be written: folder " + folder + " is missing");
    }
    if (!Files.isWritable(folder) || Files.isDirectory(output)) {
      throw new InvalidInputException(
          output + ": cannot be written: "
              + (Files.isDirectory(output) ? "it is a folder" : "folder " + folder + " is not writable"));
    }
  }
}
