package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Takes training steps one after the other, on any backend, and keeps what they have learned where it outlives the process. */
public final class Trainer {
  /** Steps between copies of the state from which the cause of a loss that is no number is sought. */
  private static final long SNAPSHOT = 200;

  /** The loss of an epoch beyond which training has gone astray, as a multiple of the first epoch's. */
  private static final double ASTRAY = 10;

  /** Seconds that Ctrl-C waits for a last checkpoint. */
  private static final long FAREWELL = 20;

  /** Gives a step what it reads: the model's inputs and the targets. The same for the same step, whenever it is asked. */
  @FunctionalInterface
  public interface Feed {
    /** @param step from 1 on */
    Map<String, Tensor> at(long step);
  }

  /** Is told how training goes, and may score it. */
  public interface Watch {
    /** Sees nothing. */
    Watch NONE = new Watch() {};

    /** A step was taken, with this loss and learning rate. */
    default void step(long step, double loss, double rate) {}

    /**
     * An epoch is over, with this mean loss.
     *
     * @param state by input of the step
     * @return what the state is worth
     */
    default Score epoch(long step, double loss, Map<String, Tensor> state) {
      return new Score(-loss, "");
    }
  }

  /**
   * How good a state is.
   *
   * @param value more is better
   * @param words to be told beside the loss; may be empty
   */
  public record Score(double value, String words) {}

  /**
   * How long, and where to keep what was reached.
   *
   * @param steps how many
   * @param epoch steps whose mean loss is told
   * @param schedule of the learning rate
   * @param checkpoint a file, which has the last step's state in the end, removed by {@link #done}; null for none
   * @param seconds between two checkpoints
   * @param resume whether a checkpoint of another job in its place is an error
   * @param job tells apart what must not be mixed: data, settings, version
   */
  public record Plan(long steps, long epoch, Schedule schedule, Path checkpoint, double seconds, boolean resume,
      long job) {
    /** What is left beside the model is no longer wanted. */
    public void done() {
      try {
        if (checkpoint != null) Files.deleteIfExists(checkpoint);
      } catch (IOException e) {
        throw new InvalidInputException(checkpoint + ": cannot be removed: " + OutputFile.reason(e), e);
      }
    }
  }

  /**
   * What came out.
   *
   * @param state by input of the step, such as the parameters
   * @param losses the mean loss of each epoch that ran here
   * @param from the step after which this run began, 0 unless it was resumed
   * @param warning why a checkpoint is missing, or empty
   */
  public record Outcome(Map<String, Tensor> state, List<Double> losses, long from, String warning) {}

  /** Checkpoints that this process has written and that are still there, with the steps that they are of; each is told once. */
  public static Map<Path, Long> takeUnfinished() {
    Map<Path, Long> taken = new LinkedHashMap<>(UNFINISHED);
    UNFINISHED.keySet().removeAll(taken.keySet());
    taken.keySet().removeIf(Files::notExists);
    return taken;
  }

  private static final Map<Path, Long> UNFINISHED = new ConcurrentHashMap<>();

  private final TrainingStep step;
  private final Plan plan;
  private final Feed feed;
  private final Watch watch;
  private final Progress progress;
  private final Backend backend;
  private final CompileOptions options;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean ending;
  /** While a teacher or a judge is asked, which may take long. */
  private volatile boolean waiting;
  private volatile Checkpoint snapshot;
  private Map<String, Tensor> best;
  private double bestScore = Double.NEGATIVE_INFINITY;
  private double sum;
  private long count;
  private double first = Double.NaN;
  private String warning = "";

  private Trainer(TrainingStep step, Plan plan, Feed feed, Watch watch, Progress progress, Backend backend,
      int threads) {
    this.step = step;
    this.plan = plan;
    this.feed = feed;
    this.watch = watch;
    this.progress = progress;
    this.backend = backend;
    this.options = CompileOptions.DEFAULT.withThreads(threads);
  }

  /**
   * Trains.
   *
   * @throws TrainingStoppedException where the loss is no number any more or has grown beyond all measure
   * @throws InvalidInputException where the job is to be resumed and the checkpoint is of another one
   */
  public static Outcome run(TrainingStep step, Plan plan, Feed feed, Progress progress, Backend backend, int threads) {
    return run(step, plan, feed, Watch.NONE, progress, backend, threads);
  }

  /** Trains as {@link #run(TrainingStep, Plan, Feed, Progress, Backend, int)} does, watched. */
  public static Outcome run(TrainingStep step, Plan plan, Feed feed, Watch watch, Progress progress, Backend backend,
      int threads) {
    return new Trainer(step, plan, feed, watch, progress, backend, threads).run();
  }

  private Outcome run() {
    Checkpoint begin = Checkpoint.read(plan.checkpoint(), plan.job());
    if (begin == null && plan.resume() && Files.exists(plan.checkpoint())) {
      throw new InvalidInputException(plan.checkpoint()
          + ": is of another job (model, data, settings, seed or version), expected one of this job to resume from");
    }
    if (begin == null) begin = new Checkpoint(0, new double[] {0, 0, Double.NaN}, step.initial());
    sum = begin.loss()[0];
    count = (long) begin.loss()[1];
    first = begin.loss()[2];
    Runnable farewell = this::farewell;
    OutputFile.beforeEnding(farewell);
    progress.begin("training", plan.steps());
    progress.advance(begin.step());
    try (Executable executable = backend.compile(step.model().graph(), options); Bound bound = executable.bind()) {
      return train(bound, begin);
    } catch (TrainingStoppedException e) {
      plan.done(); // nothing is to be gained by going on from there
      throw e;
    } finally {
      over.countDown();
      OutputFile.forget(farewell);
      progress.end();
    }
  }

  /** While the process ends: what was reached is kept first. */
  private void farewell() {
    ending = true;
    try {
      for (int i = 0; i < FAREWELL && !over.await(1, TimeUnit.SECONDS); i++) {
        if (waiting && plan.checkpoint() != null && snapshot != null && snapshot.step() > 0) {
          keep();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Outcome train(Bound bound, Checkpoint begin) {
    begin.state().forEach(bound::set);
    step.carried().forEach((input, output) -> bound.carry(output, input));
    snapshot = begin;
    List<Double> losses = new ArrayList<>();
    long kept = System.nanoTime();
    for (long at = begin.step() + 1; at <= plan.steps(); at++) {
      give(bound, at);
      bound.run();
      double loss = bound.outputs().get(TrainingStep.LOSS).floats()[0];
      if (!Double.isFinite(loss)) throw stopped(at);
      sum += loss;
      count++;
      progress.advance(1);
      watch.step(at, loss, plan.schedule().rate(at));
      if (at % plan.epoch() == 0 || at == plan.steps()) endEpoch(bound, at, losses);
      boolean due = ending || at == plan.steps() || (System.nanoTime() - kept) / 1e9 > plan.seconds();
      if (at % SNAPSHOT == 0 || due) snapshot = state(bound, at);
      if (plan.checkpoint() != null && due) {
        keep();
        kept = System.nanoTime();
      }
      if (ending) {
        over.countDown();
        OutputFile.awaitEnd();
      }
    }
    return new Outcome(snapshot.state(), losses, begin.step(), warning);
  }

  private void give(Bound bound, long at) {
    waiting = true;
    Map<String, Tensor> given = feed.at(at);
    waiting = false;
    given.forEach(bound::set);
    bound.set(TrainingStep.RATE, Tensor.scalar((float) plan.schedule().rate(at)));
  }

  private void endEpoch(Bound bound, long at, List<Double> losses) {
    double mean = sum / count;
    losses.add(mean);
    sum = 0;
    count = 0;
    if (Double.isNaN(first)) first = mean;
    if (mean > ASTRAY * Math.max(first, 1e-6)) {
      throw new TrainingStoppedException(
          "step " + at + ": the mean loss is %.4g, %.4g in the first epoch; take a smaller rate".formatted(mean, first),
          best == null ? snapshot.state() : best, best != null);
    }
    snapshot = state(bound, at);
    Map<String, Tensor> state = snapshot.state();
    waiting = true;
    Score score = watch.epoch(at, mean, state);
    waiting = false;
    progress.note("loss %.4f".formatted(mean) + (score.words().isEmpty() ? "" : ", " + score.words()));
    if (score.value() > bestScore) {
      bestScore = score.value();
      best = state;
    }
  }

  private Checkpoint state(Bound bound, long at) {
    Map<String, Tensor> outputs = bound.outputs();
    Map<String, Tensor> state = new LinkedHashMap<>();
    step.carried().forEach((input, output) -> {
      Tensor tensor = outputs.get(output);
      state.put(input, Tensor.of(tensor.dtype(), tensor.shape(), tensor.bytes()));
    });
    return new Checkpoint(at, new double[] {sum, count, first}, state);
  }

  /** A disk that is full costs the checkpoint, not the training. */
  private void keep() {
    try {
      snapshot.write(plan.checkpoint(), plan.job());
      UNFINISHED.put(plan.checkpoint(), snapshot.step());
      warning = "";
    } catch (DwindleException e) {
      warning = "no checkpoint since step " + snapshot.step() + ": " + e.getMessage();
      progress.note(warning);
    }
  }

  /** Goes the last steps again from the last copy of the state, the last of them with all values to be seen. */
  private TrainingStoppedException stopped(long at) {
    Map<String, Tensor> before = snapshot.state();
    if (snapshot.step() < at - 1) {
      try (Executable executable = backend.compile(step.model().graph(), options); Bound bound = executable.bind()) {
        before.forEach(bound::set);
        step.carried().forEach((input, output) -> bound.carry(output, input));
        for (long again = snapshot.step() + 1; again < at; again++) {
          give(bound, again);
          bound.run();
        }
        before = state(bound, at - 1).state();
      }
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>(before);
    inputs.putAll(feed.at(at));
    inputs.put(TrainingStep.RATE, Tensor.scalar((float) plan.schedule().rate(at)));
    String place = Overflow.find(step.model(), inputs, backend, options);
    return new TrainingStoppedException("step " + at + ": the loss is no number, first in " + place
        + "; take a smaller rate or clip gradients", best == null ? snapshot.state() : best, best != null);
  }

  /** Whether all numbers are finite. */
  static boolean isFinite(Tensor tensor) {
    if (!tensor.dtype().isFloating()) return true;
    for (double value : Elements.doubles(tensor)) {
      if (!Double.isFinite(value)) return false;
    }
    return true;
  }
}
