package dev.dwindle.calibrate;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Looks whether a core is left over by this process. While kernels are new the JIT compilers take what a small machine has; another
 * thread would keep them from their work, and everything would stay slow for longer.
 */
final class IdleCore {
  private static final long FIRST_NANOS = 400_000_000;
  private static final long WINDOW_NANOS = 100_000_000;
  /** The share of a core that must have stood idle. */
  private static final double SHARE = 0.5;

  private final int cores = Runtime.getRuntime().availableProcessors();
  private OperatingSystemMXBean process;
  private long since = System.nanoTime();
  private long used;

  /** Whether one was idle in the time since the last look; a look that comes too soon says no. */
  boolean seen() {
    long now = System.nanoTime();
    if (now - since < (process == null ? FIRST_NANOS : WINDOW_NANOS)) return false;
    boolean first = process == null;
    if (first) process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long total = process == null ? -1 : process.getProcessCpuTime();
    boolean idle = !first && total >= 0 && total - used < (cores - SHARE) * (now - since);
    since = now;
    used = total;
    return idle;
  }
}
