package dev.dwindle.calibrate;

import java.time.Duration;
import java.util.Optional;

/**
 * Looks whether a core is left over by this process. While kernels are new the JIT compilers take what a small machine has; another
 * thread would keep them from their work, and everything would stay slow for longer.
 */
final class IdleCore {
  private static final long FIRST_NANOS = 200_000_000;
  private static final long WINDOW_NANOS = 80_000_000;
  /** The share of a core that must have stood idle. */
  private static final double SHARE = 0.5;

  private final int cores = Runtime.getRuntime().availableProcessors();
  private Optional<Duration> used = Optional.empty();
  private long since = System.nanoTime();
  private boolean looked;

  /** Whether one was idle in the time since the last look; a look that comes too soon says no. */
  boolean seen() {
    long now = System.nanoTime();
    if (now - since < (looked ? WINDOW_NANOS : FIRST_NANOS)) return false;
    Optional<Duration> total = ProcessHandle.current().info().totalCpuDuration();
    boolean idle = looked && total.isPresent() && used.isPresent()
        && total.get().minus(used.get()).toNanos() < (cores - SHARE) * (now - since);
    looked = true;
    since = now;
    used = total;
    return idle;
  }
}
