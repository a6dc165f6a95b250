package dev.dwindle.tensor;

/** Throws what another thread threw, where its result is waited for. */
public final class Rethrow {
  private Rethrow() {}

  /**
   * Throws an error or a runtime exception as it is, and anything else as the cause of an IllegalStateException.
   *
   * @return never; so that a caller can write {@code throw Rethrow.of(thrown)}
   */
  public static RuntimeException of(Throwable thrown) {
    switch (thrown) {
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new IllegalStateException(thrown);
    }
  }
}
