package dev.dwindle.tensor;

/**
 * An error that a user can act on: its message is one line, and needs no stack trace beside it. What a damaged file calls
 * a name or a mode may hold anything; here it loses what would end the line, or steer a terminal.
 */
public sealed class DwindleException extends RuntimeException
    permits InvalidInputException, DeviceUnavailableException, DeviceMemoryException, PassFailedException {
  private static final long serialVersionUID = 1L;
  private static final int MOST_LENGTH = 1000;

  DwindleException(String message, Throwable cause) {
    super(line(message), cause);
  }

  private static String line(String message) {
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    return line.length() <= MOST_LENGTH ? line : line.substring(0, MOST_LENGTH) + " ...";
  }
}
