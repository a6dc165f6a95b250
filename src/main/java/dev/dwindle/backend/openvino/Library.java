package dev.dwindle.backend.openvino;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.io.IOException;
import java.nio.file.Path;

/** The installed library, found and loaded, or the one sentence that says why it is not. */
final class Library {
  private static final String MEND = "; run 'dwindle install openvino'";

  /** The library, once it is loaded; what becomes of its files then is of no matter. */
  private static volatile OpenVino loaded;

  private Library() {}

  /** Why the library cannot be loaded, as far as its files tell; null where they are as they were installed. */
  static String missing() {
    if (loaded != null) return null;
    Path folder = Release.folder();
    if (Release.unfit() != null) return Release.unfit();
    if (!Manifest.isIn(folder)) return "OpenVINO " + Release.VERSION + " is not installed" + MEND;
    try {
      String damage = Manifest.of(folder).damage();
      return damage == null ? null : "OpenVINO in " + folder + " is damaged: " + damage + MEND;
    } catch (IOException e) {
      return "OpenVINO in " + folder + " cannot be read: " + e.getMessage() + MEND;
    }
  }

  /**
   * The library, loaded at the first call.
   *
   * @throws DeviceUnavailableException where it is not there, or does not load
   */
  static OpenVino load() {
    if (loaded != null) return loaded;
    String reason = missing();
    if (reason != null) throw new DeviceUnavailableException(reason);
    try {
      loaded = OpenVino.load(Release.bindings(Release.folder()));
      return loaded;
    } catch (UnsatisfiedLinkError | OpenVino.Failure e) {
      throw new DeviceUnavailableException("OpenVINO cannot be loaded: " + e.getMessage() + MEND);
    }
  }
}
