package dev.dwindle.backend.cuda;

/** A kernel sees only now, with all that is known of a node, that it does not run it; the message says why, and which node it is, the planner knows. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedException(String reason) {
    super(reason);
  }
}
