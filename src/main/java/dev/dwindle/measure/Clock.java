package dev.dwindle.measure;

import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;

/** The one clock by which requests are both sent and timed. */
interface Clock {
  /** The end of a wait that is spun: a thread that sleeps wakes up about so much too late. */
  long SPUN_NANOS = 80_000;

  /** Nanoseconds since some moment. */
  long nanos();

  /** Returns when it is that late. */
  void await(long nanos);

  /** The JVM's own. */
  Clock SYSTEM = new Clock() {
    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public void await(long nanos) {
      for (long left = nanos - nanos(); left > 0; left = nanos - nanos()) {
        if (Thread.interrupted()) throw new CancellationException("interrupted");
        if (left > SPUN_NANOS) LockSupport.parkNanos(left - SPUN_NANOS);
        else
          Thread.onSpinWait();
      }
    }
  };
}
