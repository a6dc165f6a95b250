package dev.dwindle.pack;

import dev.dwindle.tensor.VectorModule;

/** When loops over vectors pay. Until then, and where the module that they are in is missing, none of its classes is used. */
final class Vectors {
  /** A process that does less is at its end before vectors, through which the interpreter goes lane by lane, are compiled. */
  private static final long ENOUGH = 1 << 27;

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
