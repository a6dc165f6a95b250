package dev.dwindle.tensor;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A value that a thread of its own works out while the caller goes on; the thread keeps no program alive. */
public final class Background<T> {
  private final FutureTask<T> task;

  private Background(FutureTask<T> task) {
    this.task = task;
  }

  /** Begins the work, in a thread of this name. */
  public static <T> Background<T> of(String name, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().name("dwindle-" + name).start(task);
    return new Background<>(task);
  }

  /** The value, once it is there; what the work throws is thrown here. */
  public T get() {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      throw Rethrow.of(e.getCause());
    }
  }
}
