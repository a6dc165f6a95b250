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
import java.util.function.Supplier;

/**
 * Two requests that share the samples, the second from when a core is free for it. Outputs are told in the order of the samples,
 * whichever request made them, so that what is gathered from them does not depend on timing.
 *
 * @param <T> what a run gives
 */
public final class SharedRuns<T> {
  /** What one of the two threads runs samples with. */
  public interface Request<T> extends AutoCloseable {
    /** Runs a sample; what it gives is valid until the next. */
    T run(Sample sample);

    @Override
    void close();
  }

  private record Turn(long number, Sample sample) {}

  private final Supplier<Request<T>> requests;
  private final Iterator<Sample> samples;
  private final BiConsumer<Sample, T> each;
  private long taken;
  private long told;
  private Throwable failure;
  /** Serves the second request; the first one's thread alone looks at it. */
  private Thread other;

  /**
   * @param requests makes a request for each of the threads
   * @param each sees the sample and what its run gave, one at a time; that changes with the next
   */
  public SharedRuns(Supplier<Request<T>> requests, Iterator<Sample> samples, BiConsumer<Sample, T> each) {
    this.requests = requests;
    this.samples = samples;
    this.each = each;
  }

  /** Runs of one graph, told by their outputs. */
  public static SharedRuns<Map<String, Tensor>> of(Executable executable, Graph graph, Iterator<Sample> samples,
      BiConsumer<Sample, Map<String, Tensor>> each) {
    return new SharedRuns<>(() -> request(executable, graph), samples, each);
  }

  private static Request<Map<String, Tensor>> request(Executable executable, Graph graph) {
    Bound bound = executable.bind();
    SampleFeed feed = new SampleFeed(bound, graph, Map.of());
    return new Request<>() {
      @Override
      public Map<String, Tensor> run(Sample sample) {
        feed.run(sample);
        return bound.outputs();
      }

      @Override
      public void close() {
        bound.close();
      }
    };
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
    try (Request<T> request = requests.get()) {
      for (Turn turn = take(); turn != null; turn = take()) {
        tell(turn, request.run(turn.sample()));
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

  private synchronized void tell(Turn turn, T outputs) {
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
