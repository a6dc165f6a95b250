package dev.dwindle.data;

import dev.dwindle.tensor.Rethrow;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;

/**
 * Samples made by a thread of their own, a few ahead of whoever runs them: files are decoded while a model computes. The
 * first is made by the caller, who often wants no more. Order, and what is thrown at which sample, stay the same.
 */
final class ReadAhead implements Iterator<Sample>, AutoCloseable {
  /** Samples that may wait: enough to even out their sizes, few enough for the memory of large images. */
  private static final int MOST_WAITING = 3;

  /** Samples as they are read, to be closed by whoever read last. */
  interface Reader extends Iterator<Sample>, AutoCloseable {
    @Override
    void close();
  }

  private record Outcome(Sample sample, Throwable failure) {}

  private final Reader reader;
  private final BlockingQueue<Outcome> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private Thread thread;
  private boolean begun;
  private long left;

  /**
   * @param count how many samples the reader has
   */
  ReadAhead(Reader reader, long count) {
    this.reader = reader;
    this.left = count;
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public Sample next() {
    if (left == 0) {
      throw new NoSuchElementException();
    }
    left--;
    if (!begun) {
      begun = true;
      return reader.next();
    }
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("dwindle-samples").start(this::read);
    }
    return taken();
  }

  private Sample taken() {
    try {
      Outcome outcome = waiting.take();
      return outcome.failure() == null ? outcome.sample() : thrown(outcome.failure());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a sample");
    }
  }

  private Sample thrown(Throwable failure) {
    left = 0;
    throw Rethrow.of(failure);
  }

  private void read() {
    try {
      boolean more = reader.hasNext();
      while (more) {
        Outcome outcome = next(reader);
        waiting.put(outcome);
        more = outcome.failure() == null && reader.hasNext();
      }
    } catch (InterruptedException e) {
      // Nobody wants the rest: close() says so.
    } finally {
      reader.close();
    }
  }

  private static Outcome next(Reader reader) {
    try {
      return new Outcome(reader.next(), null);
    } catch (Throwable e) {
      // An error too: a thread that died here would leave the caller waiting.
      return new Outcome(null, e);
    }
  }

  /** Ends the thread and waits until its file is closed. */
  @Override
  public void close() {
    if (thread == null) {
      reader.close();
      return;
    }
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
