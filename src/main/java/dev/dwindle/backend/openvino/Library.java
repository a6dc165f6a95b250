package dev.dwindle.backend.openvino;

import dev.dwindle.tensor.DeviceUnavailableException;

/** The installed library, found and loaded, or the one sentence that says why it is not. */
final class Library {
  /** The library, once it is loaded; what becomes of its files then is of no matter. */
  private static volatile OpenVino loaded;

  private Library() {}

  /** Why the library cannot be loaded, as far as its files tell; null where they are as they were installed. */
  static String missing() {
    return loaded != null ? null : OpenVinoRelease.WHEEL.missing();
  }

  /**
   * The library, loaded at the first call.
   *
   * @throws DeviceUnavailableException where it is not there, or does not load
   */
  static OpenVino load() {
    if (loaded != null) return loaded;
    try {
      loaded = OpenVino.load();
      return loaded;
    } catch (OpenVino.Failure e) {
      throw OpenVinoRelease.WHEEL.unloadable(e);
    }
  }
}
