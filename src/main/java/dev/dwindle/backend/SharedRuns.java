package dev.dwindle.backend;

import dev.dwindle.data.Sample;
import dev.dwindle.graph.Graph;
import dev.dwindle.tensor.Rethrow;
import dev.dwindle.tensor.Tensor;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;

/**
 * Two requests that share the samples, the second from when a core is free for it. Outputs are told in the order of the samples,
 * whichever request made them, so that what is gathered from them does not depend on timing.
 */
public final class SharedRuns {
  private record Turn(long number, Sample sample) {}

  private final Executable executable;
  private final Graph graph;
  private final Iterator<Sample> samples;
  private final BiConsumer<Sample, Map<String, Tensor>> each;
  private long taken;
  private long told;
  private Throwable failure;
  /** Serves the second request; the first one's thread alone looks at it. */
  private Thread other;

  /**
   * @param each sees the sample and the outputs after each run, one at a time; outputs change with the next
   */
  public SharedRuns(Executable executable, Graph graph, Iterator<Sample> samples,
      BiConsumer<Sample, Map<String, Tensor>> each) {
    this.executable = executable;
    this.graph = graph;
    this.samples = samples;
    this.each = each;
  }

  /**
   * Runs all samples.
   *
   * @param second asked after each run of the first request, with how many samples are done, until it lets the other begin
   */
  public void run(LongPredicate second) {
    serve(() -> {
      if (other == null && second.test(done())) {
        other = Thread.ofPlatform().daemon().name("dwindle-second").start(() -> serve(() -> {}));
      }
    });
    if (other != null) end();
    if (failure != null) throw Rethrow.of(failure);
  }

  /** One request: takes samples until there are no more, or until a request fails. */
  private void serve(Runnable afterEach) {
    try (Bound bound = executable.bind()) {
      SampleFeed feed = new SampleFeed(bound, graph, Map.of());
      for (Turn turn = take(); turn != null; turn = take()) {
        feed.run(turn.sample());
        tell(turn, bound.outputs());
        afterEach.run();
      }
    } catch (RuntimeException | Error e) {
      stop(e);
    }
  }

  private synchronized long done() {
    return told;
  }

  private synchronized Turn take() {
    return failure == null && samples.hasNext() ? new Turn(taken++, samples.next()) : null;
  }

  private synchronized void tell(Turn turn, Map<String, Tensor> outputs) {
    try {
      while (told < turn.number() && failure == null) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while running samples");
    }
    if (failure != null) return;
    each.accept(turn.sample(), outputs);
    told++;
    notifyAll();
  }

  private synchronized void stop(Throwable thrown) {
    if (failure == null) failure = thrown;
    notifyAll();
  }

  /** Waits for the other request, which ends after the run that it is in. */
  private void end() {
    boolean interrupted = false;
    while (other.isAlive()) {
      try {
        other.join();
      } catch (InterruptedException e) {
        interrupted = true;
        stop(new CancellationException("interrupted while running samples"));
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
