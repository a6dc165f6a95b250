package dev.dwindle.pack;

import dev.dwindle.tensor.VectorModule;

/** When loops over vectors pay. Until then, and where the module that they are in is missing, none of its classes is used. */
final class Vectors {
  /**
   * Bytes of work after which vectors are taken: the interpreter goes through them lane by lane until they are compiled, which costs more than they win in a process that does less. A
   * process that lives long may be told so, and take them sooner.
   */
  private static final long ENOUGH = Long.getLong("dwindle.vectorsAfter", 1L << 31);

  /** Bytes so far. Threads may lose each other's; what is coded does not depend on it. */
  private static long done;

  private Vectors() {}

  /** Whether a loop over so many bytes, the next of all in this process, should take vectors. */
  static boolean pay(int count) {
    if (done >= ENOUGH) return VectorModule.isThere() && Species.WIDE;
    done += count;
    return false;
  }
}
