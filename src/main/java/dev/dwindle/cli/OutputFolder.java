package dev.dwindle.cli;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks before any work that an output can be written. */
final class OutputFolder {
  private OutputFolder() {}

  /** An output that is none of these files: they are read, or written too. */
  static void require(Path output, Path... others) {
    require(output);
    for (Path other : others) {
      if (isSame(output, other)) {
        throw new InvalidInputException(output + ": is " + other + " itself, expected another file to write to");
      }
    }
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize())
          || Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
    } catch (IOException e) {
      return false;
    }
  }

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
