package dev.dwindle.cli;

import dev.dwindle.engine.Compression;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a job that trains takes beside its recipe. */
final class TrainingOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)([KMGTkmgt])(i?)[Bb]?");
  private static final String UNITS = " KMGT";

  private final Argument<Boolean> resume;
  private final Argument<Double> seconds;
  private final Argument<Path> log;
  private final Argument<String> memory;

  TrainingOptions(Options options) {
    resume = options.flag("--resume",
        "Insists on a checkpoint of this job to go on from; without, a job that was killed goes on from its own, if there is one.");
    seconds = options.option("--checkpoint", "S", Double.class, "Seconds between two checkpoints (default: 120).");
    log = options.option("--log", "DIR", Path.class, "Folder for event files that show training in TensorBoard.");
    memory = options.option("--memory", "SIZE", String.class,
        "What the values of a training step may take, such as 800M or 2G: what does not fit is computed twice (default: what there is).");
  }

  /** Of a number and a unit of 1000 or, with an i, of 1024. */
  private static long bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new InvalidInputException("--memory: found '" + text + "', expected a size such as 800M, 2G or 1.5GiB");
    }
    double unit = size.group(3) == null || size.group(3).isEmpty() ? 1000 : 1024;
    return (long) (Double.parseDouble(size.group(1))
        * Math.pow(unit, UNITS.indexOf(Character.toUpperCase(size.group(2).charAt(0)))));
  }

  void tell(Compression job) {
    if (resume.get()) job.resume();
    if (seconds.get() != null) job.checkpointEvery(seconds.get());
    if (log.get() != null) job.log(log.get());
    if (memory.get() != null) job.memory(bytes(memory.get()));
  }
}
