package dev.dwindle.backend.cpu;

import java.util.concurrent.CancellationException;

/** How a run answers an interrupt. */
final class Interrupts {
  private Interrupts() {}

  /** Ends the run where the thread has been interrupted; the interrupt is thereby answered. */
  static void check() {
    if (Thread.interrupted()) {
      throw new CancellationException("run: interrupted between nodes");
    }
  }
}
