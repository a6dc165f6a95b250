package dev.dwindle.tensor;

/** Bad input (a file, a flag, a model, a setting), told as {@code where: found, expected; what to do}. */
public non-sealed class InvalidInputException extends DwindleException {
  private static final long serialVersionUID = 1L;

  public InvalidInputException(String message) {
    super(message, null);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
