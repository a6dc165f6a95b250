package dev.dwindle.train;

import dev.dwindle.data.NpzTensors;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where training stands: an {@code .npz} file of all that one step hands to the next, so that training goes on from there to the same bytes.
 *
 * @param step how many steps are done
 * @param loss the mean loss so far of the epoch, as a sum and a count
 * @param state by input of the step
 */
record Checkpoint(long step, double[] loss, Map<String, Tensor> state) {
  private static final String STEP = "dwindle/step";
  private static final String JOB = "dwindle/job";
  private static final String LOSSES = "dwindle/loss";

  /** @param job what the state depends on besides the step */
  void write(Path file, long job) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put(STEP, Tensor.of(Shape.of(1), step));
    all.put(JOB, Tensor.of(Shape.of(1), job));
    all.put(LOSSES, Tensor.of(Shape.of(loss.length), loss));
    all.putAll(state);
    OutputFile.write(file, channel -> NpzTensors.write(all, Channels.newOutputStream(channel)));
  }

  /** The checkpoint in a file, or null where there is none of this job. */
  static Checkpoint read(Path file, long job) {
    if (file == null || !Files.exists(file)) return null;
    Map<String, Tensor> all = new LinkedHashMap<>(NpzTensors.read(file));
    Tensor step = all.remove(STEP);
    Tensor of = all.remove(JOB);
    Tensor loss = all.remove(LOSSES);
    if (step == null || of == null || loss == null) {
      throw new InvalidInputException(
          file + ": is no checkpoint, expected one or no file; remove it or write elsewhere");
    }
    return of.longs()[0] == job ? new Checkpoint(step.longs()[0], loss.doubles(), all) : null;
  }
}
