package dev.dwindle.backend;

/**
 * Keeps what is no longer used from piling up. Outputs of a few samples live long enough to count as old, and the serial collector would
 * rather take new memory for the old, up to its limit, than collect them: a search over 77 layers of a model of 4 MB reached 8 GB.
 */
final class Heap {
  private static final long LEAST = 1L << 29;

  private static long limit = LEAST;

  private Heap() {}

  /** Collects where more is in use than 512 MiB and than twice what was left the last time. To ask costs next to nothing. */
  static synchronized void settle() {
    if (used() < limit) return;
    System.gc();
    limit = Math.max(LEAST, 2 * used());
  }

  private static long used() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
