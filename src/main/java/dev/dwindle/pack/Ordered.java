package dev.dwindle.pack;

import dev.dwindle.tensor.Rethrow;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Work done on several threads, whose results are taken in the order of the work; only a few wait at a time. */
final class Ordered {
  /** Takes a result. */
  interface Taker<T> {
    void take(T result) throws IOException;
  }

  private Ordered() {}

  /** Does the work; the iterator and the taker run on the thread that calls. The first failure, in order, ends it. */
  static <T> void run(Iterator<Callable<T>> work, int threads, Taker<T> taker) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
    try {
      Queue<Future<T>> waiting = new ArrayDeque<>();
      while (work.hasNext() || !waiting.isEmpty()) {
        while (work.hasNext() && waiting.size() < 2 * threads) waiting.add(pool.submit(work.next()));
        taker.take(result(waiting.remove()));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static <T> T result(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw Rethrow.of(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }
}
