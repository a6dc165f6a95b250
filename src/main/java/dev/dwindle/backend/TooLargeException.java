package dev.dwindle.backend;

import dev.dwindle.tensor.InvalidInputException;

/** The values of one run are more than a device can hold at once. */
public final class TooLargeException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  /** @param found how much, and what the device can hold */
  public TooLargeException(String device, String found, Throwable cause) {
    super(device + ": the values of one run are " + found + "; take smaller inputs, or fewer at once", cause);
  }
}
