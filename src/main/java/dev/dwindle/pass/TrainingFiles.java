package dev.dwindle.pass;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files beside the output in which training keeps what it has reached, so that the same job goes on from there when it was killed.
 *
 * @param output the model that the job writes; null where nothing is kept
 * @param step of the recipe, from 1 on
 * @param seconds between two checkpoints
 * @param resume whether there must be a checkpoint of the same job
 * @param log folder of event files for TensorBoard; null for none
 */
public record TrainingFiles(Path output, int step, double seconds, boolean resume, Path log) {
  /** Seconds between two checkpoints, unless told otherwise. */
  public static final double SECONDS = 120;

  public static final TrainingFiles NONE = new TrainingFiles(null, 1, SECONDS, false, null);

  private static final String TRAINING = ".training-";
  private static final String STOPPED = ".stopped.onnx";

  /** The same for another step of the recipe. */
  TrainingFiles at(int other) {
    return new TrainingFiles(output, other, seconds, resume, log);
  }

  /** A file of this step that is there until the job is {@link #done}, such as its checkpoint; null where nothing is kept. */
  public Path file(String name) {
    return output == null ? null : output.resolveSibling(output.getFileName() + TRAINING + step + "." + name);
  }

  /**
   * Keeps a model that training came to before it went astray.
   *
   * @return where it is, or null where nothing is kept
   */
  public Path keepStopped(Model model) {
    if (output == null) return null;
    Path file = output.resolveSibling(output.getFileName() + STOPPED);
    OnnxWriter.write(model, file);
    return file;
  }

  /**
   * Checks before any work that there is something to resume from.
   *
   * @throws InvalidInputException where there must be and is not
   */
  public void require() {
    if (!resume || output == null) return;
    try (DirectoryStream<Path> all = ours()) {
      for (Path file : all) {
        if (file.toString().endsWith(".checkpoint")) return;
      }
    } catch (IOException e) {
      throw new InvalidInputException(output + ": its folder cannot be read: " + OutputFile.reason(e), e);
    }
    throw new InvalidInputException("--resume: found no checkpoint of " + output + ", expected "
        + output.getFileName() + TRAINING + "N.checkpoint of its step N beside it");
  }

  /** Removes them: the job is done, and nobody needs to go on from them. */
  public void done() {
    if (output == null) return;
    try (DirectoryStream<Path> all = ours()) {
      for (Path file : all) Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new InvalidInputException(output + TRAINING + "*: cannot be removed: " + OutputFile.reason(e), e);
    }
  }

  private DirectoryStream<Path> ours() throws IOException {
    Path absolute = output.toAbsolutePath();
    String prefix = absolute.getFileName() + TRAINING;
    return Files.newDirectoryStream(absolute.getParent(), path -> path.getFileName().toString().startsWith(prefix));
  }
}
