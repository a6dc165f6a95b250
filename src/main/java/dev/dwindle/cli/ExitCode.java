package dev.dwindle.cli;

/** Exit codes of the program. */
final class ExitCode {
  /** All went well. */
  static final int DONE = 0;

  /** A gate failed, or could not be decided. */
  static final int GATE = 1;

  /** Usage or bad input. */
  static final int INPUT = 2;

  /** No such device. */
  static final int DEVICE = 3;

  /** A flaw of the program itself. */
  static final int INTERNAL = 4;

  /** Ended by Ctrl-C; SIGTERM gives 143, from the JVM itself. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
