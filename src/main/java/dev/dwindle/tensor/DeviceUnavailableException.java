package dev.dwindle.tensor;

/** Someone insisted on a device that is not there, or that went away while it was used; the message says which and why. */
public final class DeviceUnavailableException extends DwindleException {
  private static final long serialVersionUID = 1L;

  public DeviceUnavailableException(String message) {
    super(message, null);
  }

  public DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
