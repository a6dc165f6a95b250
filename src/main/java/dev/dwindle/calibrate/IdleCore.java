package dev.dwindle.calibrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Looks whether a core is left over by this process. While kernels are new the JIT compilers take what a small machine has; another
 * thread would keep them from their work, and everything would stay slow for longer.
 */
final class IdleCore {
  private static final long FIRST_NANOS = 200_000_000;
  private static final long WINDOW_NANOS = 80_000_000;
  /** The share of a core that must have stood idle. */
  private static final double SHARE = 0.5;
  private static final Path STAT = Path.of("/proc/self/stat");
  private static final long TICK_NANOS = 10_000_000;

  private final int cores = Runtime.getRuntime().availableProcessors();
  private long since = System.nanoTime();
  /** Processor time of the process at the last look; negative where there was none. */
  private long used = -1;

  /** Whether one was idle in the time since the last look; a look that comes too soon says no. */
  boolean seen() {
    long now = System.nanoTime();
    if (now - since < (used < 0 ? FIRST_NANOS : WINDOW_NANOS)) return false;
    long total = processorNanos();
    boolean idle = used >= 0 && total - used < (cores - SHARE) * (now - since);
    since = now;
    used = total;
    return idle;
  }

  /** Of all threads so far, or a negative number where the system does not tell. From Linux's file: Java's own ways take 10 ms to begin. */
  private static long processorNanos() {
    try {
      String stat = Files.readString(STAT);
      // Fields 14 and 15 of proc(5); the second, the name, may hold blanks.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    } catch (IOException e) {
      return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(-1L);
    }
  }
}
