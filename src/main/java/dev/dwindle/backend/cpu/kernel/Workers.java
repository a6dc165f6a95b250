package dev.dwindle.backend.cpu.kernel;

import dev.dwindle.tensor.Rethrow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A team of threads that share the pieces of one kernel at a time. Pieces are claimed one by one, so
 * a thread that the machine holds up delays nobody; the caller works too. One thread is a plain loop.
 */
public final class Workers implements AutoCloseable {
  /** One piece of a kernel. Pieces of a run write different memory and may run in any order. */
  @FunctionalInterface
  public interface Task {
    /**
     * @param piece which piece, from 0
     * @param local scratch of the executing thread, as long as {@link #reserve} asked for; its
     *     content is undefined
     */
    void run(int piece, float[] local);
  }

  private static final int SPINS = 2_000;

  private final Thread[] threads;
  private final float[][] locals;
  private final AtomicInteger unclaimed = new AtomicInteger();
  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicInteger parked = new AtomicInteger();
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  // Read only after a successful claim, which orders the read after the write.
  private int pieces;
  private Task task;
  private volatile Thread waiting;
  private volatile boolean closed;

  /**
   * @param count threads in the team including the one that calls {@link #run}
   */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("workers: " + count + " threads, expected at least 1");
    }
    locals = new float[count][0];
    threads = new Thread[count - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] = Thread.ofPlatform().daemon().name("dwindle-worker-" + worker).start(() -> serve(worker));
    }
  }

  /** Threads in the team, the caller included. */
  public int count() {
    return locals.length;
  }

  /** Makes every thread's scratch at least {@code floats} long; not while a run is going on. */
  public void reserve(int floats) {
    for (int i = 0; i < locals.length; i++) {
      if (locals[i].length < floats) {
        locals[i] = new float[floats];
      }
    }
  }

  /**
   * Runs pieces 0 to {@code count - 1} and returns when all are done. What a piece throws is thrown
   * here, after the others have ended.
   */
  public void run(int count, Task task) {
    if (threads.length == 0 || count <= 1) {
      for (int i = 0; i < count; i++) {
        task.run(i, locals[0]);
      }
      return;
    }
    if (closed || !busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "workers: " + (closed ? "closed" : "used by two threads at once") + "; give each thread its own");
    }
    this.task = task;
    this.pieces = count;
    unfinished.set(count);
    unclaimed.set(count);
    if (parked.get() > 0) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
    while (claim(0)) {}
    await();
    this.task = null;
    Throwable thrown = failure.getAndSet(null);
    busy.set(false);
    if (thrown != null) {
      throw Rethrow.of(thrown);
    }
  }

  /** Takes one piece and runs it; false where none is left. */
  private boolean claim(int worker) {
    // A count that goes down to zero needs no run number: whatever is above zero belongs to the run
    // that is open, and that run stays open until its pieces are finished.
    if (unclaimed.get() <= 0) {
      return false;
    }
    int left = unclaimed.getAndDecrement();
    if (left <= 0) {
      return false;
    }
    try {
      if (failure.get() == null) {
        task.run(pieces - left, locals[worker]);
      }
    } catch (Throwable thrown) {
      // Whatever it is, an error included, the caller of run() throws it; a worker that died here would leave the caller waiting.
      failure.compareAndSet(null, thrown);
    }
    if (unfinished.decrementAndGet() == 0) {
      LockSupport.unpark(waiting);
    }
    return true;
  }

  private void await() {
    for (int spin = 0; unfinished.get() > 0 && spin < SPINS; spin++) {
      Thread.onSpinWait();
    }
    if (unfinished.get() > 0) {
      waiting = Thread.currentThread();
      while (unfinished.get() > 0) {
        // An interrupt makes this a spin; answering it is the caller's matter, between kernels.
        LockSupport.park(this);
      }
      waiting = null;
    }
  }

  private void serve(int worker) {
    while (!closed) {
      int spin = 0;
      while (spin < SPINS && !closed) {
        if (claim(worker)) {
          spin = 0;
        } else {
          Thread.onSpinWait();
          spin++;
        }
      }
      parked.incrementAndGet();
      if (unclaimed.get() <= 0 && !closed) {
        LockSupport.park(this);
      }
      parked.decrementAndGet();
    }
  }

  /** Ends the threads; idempotent. */
  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
