package dev.dwindle.cli;

import dev.dwindle.engine.Compression;
import java.nio.file.Path;

/** What a job that trains takes beside its recipe. */
final class TrainingOptions {
  private final Argument<Boolean> resume;
  private final Argument<Double> seconds;
  private final Argument<Path> log;
  private final Argument<String> memory;
  private final Argument<Integer> threads;

  TrainingOptions(Options options) {
    resume = options.flag("--resume",
        "Insists on a checkpoint of this job to go on from; without, a job that was killed goes on from its own, if there is one.");
    seconds = options.option("--checkpoint", "S", Double.class, "Seconds between two checkpoints (default: 120).");
    log = options.option("--log", "DIR", Path.class, "Folder for event files that show training in TensorBoard.");
    memory = options.option("--memory", "SIZE", String.class,
        "What the values of a training step may take, such as 800M or 2G: what does not fit is computed twice (default: what there is).");
    threads = options.option("--training-threads", "N", Integer.class,
        "Threads of training, whatever the device is measured with (default: all cores); what is learned is the same on any number.");
  }

  void tell(Compression job) {
    if (resume.get()) job.resume();
    if (seconds.get() != null) job.checkpointEvery(seconds.get());
    if (log.get() != null) job.log(log.get());
    if (memory.get() != null) job.memory(MemorySize.bytes("--memory", memory.get()));
    if (threads.get() != null) job.trainingThreads(threads.get());
  }
}
