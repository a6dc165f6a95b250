package dev.dwindle.tensor;

/** A pass of a pipeline failed; the message names the pass and those that had run before it. */
public final class PassFailedException extends DwindleException {
  private static final long serialVersionUID = 1L;

  public PassFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
