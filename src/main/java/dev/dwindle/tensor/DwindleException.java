package dev.dwindle.tensor;

/** An error that a user can act on: its message is one line, and needs no stack trace beside it. */
public sealed class DwindleException extends RuntimeException
    permits InvalidInputException, DeviceUnavailableException, PassFailedException {
  private static final long serialVersionUID = 1L;

  DwindleException(String message, Throwable cause) {
    super(message, cause);
  }
}
