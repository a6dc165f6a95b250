package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Ends a request's run where its thread is interrupted: native code does not notice, so that one thread looks for all. */
final class Interrupts implements AutoCloseable {
  private static final long LOOK_NANOS = 50_000_000;
  private static final Set<Interrupts> OPEN = ConcurrentHashMap.newKeySet();

  /** Looks while requests are open. */
  private static final class Watch {
    static final Thread THREAD = Thread.ofPlatform().daemon().name("dwindle-interrupts").start(Watch::look);

    private static void look() {
      while (true) {
        if (OPEN.isEmpty()) {
          LockSupport.park();
        } else {
          LockSupport.parkNanos(LOOK_NANOS);
        }
        OPEN.forEach(Interrupts::terminateIfInterrupted);
      }
    }
  }

  private final RunOptions options;
  private Thread running;
  private boolean terminated;

  Interrupts() {
    options = Library.check("run", RunOptions::new);
    Library.perform("run", () -> options.setLogLevel(Library.QUIET));
    OPEN.add(this);
    LockSupport.unpark(Watch.THREAD);
  }

  /** A run that can be ended. */
  interface Run<T> {
    T with(RunOptions options) throws OrtException;
  }

  /** Runs unless the thread is interrupted before or meanwhile; the interrupt is thereby answered. */
  <T> T guard(Run<T> run) {
    check();
    begin();
    try {
      return Library.check("run", () -> run.with(options));
    } finally {
      if (end()) {
        check();
      }
    }
  }

  private static void check() {
    if (Thread.interrupted()) {
      throw new CancellationException("run: interrupted");
    }
  }

  private synchronized void begin() {
    running = Thread.currentThread();
  }

  /** Whether the run was ended early, or might have been. */
  private synchronized boolean end() {
    running = null;
    boolean early = terminated;
    if (early) {
      terminate(false);
    }
    return early;
  }

  private synchronized void terminateIfInterrupted() {
    if (running != null && running.isInterrupted() && !terminated) {
      terminate(true);
    }
  }

  private void terminate(boolean now) {
    terminated = now;
    Library.perform("run", () -> options.setTerminate(now));
  }

  @Override
  public void close() {
    OPEN.remove(this);
    options.close();
  }
}
