package dev.dwindle.measure;

import dev.dwindle.backend.Bound;
import dev.dwindle.tensor.Rethrow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests in flight: several bounds, each on a thread of its own, that take numbered requests as they become free. */
final class Team implements AutoCloseable {
  /** What a thread does with a request of this number. */
  interface Task {
    void run(Bound bound, int request);
  }

  private final List<Bound> bounds;
  private final ExecutorService others;

  /** Takes the bounds over; the caller is the first of the threads. */
  Team(List<Bound> bounds) {
    this.bounds = List.copyOf(bounds);
    others = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("dwindle-request-", 0).factory());
  }

  /** A load of so many requests that are all there at once. */
  Load load(int requests) {
    return new Load() {
      @Override
      public void run() {
        serve(requests, (bound, request) -> bound.run());
      }

      @Override
      public void close() {
        Team.this.close();
      }
    };
  }

  /** Serves requests in the order of their numbers; returns when all are done, or throws what the first failure threw. */
  void serve(int requests, Task task) {
    AtomicInteger next = new AtomicInteger();
    AtomicBoolean failed = new AtomicBoolean();
    List<Future<?>> helpers = new ArrayList<>();
    for (Bound bound : bounds.subList(1, Math.min(bounds.size(), requests))) {
      helpers.add(others.submit(() -> take(bound, requests, next, failed, task)));
    }
    try {
      take(bounds.getFirst(), requests, next, failed, task);
    } finally {
      helpers.forEach(Team::join);
    }
  }

  private static void take(Bound bound, int requests, AtomicInteger next, AtomicBoolean failed, Task task) {
    boolean whole = false;
    try {
      for (int i = next.getAndIncrement(); i < requests && !failed.get(); i = next.getAndIncrement()) {
        task.run(bound, i);
      }
      whole = true;
    } finally {
      if (!whole) failed.set(true);
    }
  }

  private static void join(Future<?> helper) {
    try {
      helper.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      throw Rethrow.of(e.getCause());
    }
  }

  @Override
  public void close() {
    others.shutdownNow();
    try {
      if (!others.awaitTermination(1, TimeUnit.MINUTES)) throw new IllegalStateException("a request never ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    bounds.forEach(Bound::close);
  }
}
