package dev.dwindle.tensor;

/** A device has not the memory that a model takes on it; the message says which device and what it was asked for. */
public final class DeviceMemoryException extends DwindleException {
  private static final long serialVersionUID = 1L;

  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
