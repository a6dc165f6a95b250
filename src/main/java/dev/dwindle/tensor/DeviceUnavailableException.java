package dev.dwindle.tensor;

/** Someone insisted on a device that is not there; the message says which and why not. */
public final class DeviceUnavailableException extends DwindleException {
  private static final long serialVersionUID = 1L;

  public DeviceUnavailableException(String message) {
    super(message, null);
  }
}
