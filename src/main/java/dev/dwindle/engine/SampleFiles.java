package dev.dwindle.engine;

import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The sample that the program carries: a small net for images of letters, and the images. */
public final class SampleFiles {
  private static final List<String> NAMES = List.of(
      "glyphs.onnx", "glyphs.yaml", "glyphs-calibration-images.idx.gz", "glyphs-calibration-labels.idx.gz",
      "glyphs-test-images.idx.gz", "glyphs-test-labels.idx.gz", "glyphs-training-images.idx.gz");

  private SampleFiles() {}

  /** Puts the sample into a folder, which is made where it is missing; {@code glyphs.onnx} and {@code glyphs.yaml} are its doors. */
  public static void copyTo(Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InvalidInputException(folder + ": is a file, expected a folder");
    }
    try {
      Files.createDirectories(folder);
      for (String name : NAMES) {
        try (InputStream in = SampleFiles.class.getResourceAsStream("/dev/dwindle/sample/" + name)) {
          ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
          OutputFile.write(folder.resolve(name), channel -> channel.write(bytes));
        }
      }
    } catch (IOException e) {
      throw new InvalidInputException(folder + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }
}
