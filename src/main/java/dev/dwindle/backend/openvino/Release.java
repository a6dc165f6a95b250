package dev.dwindle.backend.openvino;

import dev.dwindle.backend.UserCache;
import java.nio.file.Path;
import java.util.List;

/** The release of OpenVINO that Dwindle is built against, and where it lies once it is installed. */
final class Release {
  static final String VERSION = "2026.4.1";

  /** What pip needs to know to choose the same wheel on every machine, whatever its own Python is. */
  static final List<String> WHEEL = List.of("--platform", "manylinux_2_28_x86_64", "--python-version", "3.12",
      "--implementation", "cp", "--abi", "cp312");
  static final String WHEEL_SHA256 = "6b4375c17ddcac83a5180349e2e2bb811185c261066e2a920659892d58ef0e3b";

  /** Raised with the preset: a library that was built of another one is built again. */
  static final int BINDINGS = 1;

  private Release() {}

  /** The folder of the installed release. */
  static Path folder() {
    return UserCache.folder().resolve("openvino-" + VERSION + "-" + BINDINGS);
  }

  /** The shared libraries of a folder: OpenVINO's own, all plugins beside them, and the bindings. */
  static Path libraries(Path folder) {
    return folder.resolve("openvino").resolve("libs");
  }

  /** The library of the bindings; it loads OpenVINO's from beside it. */
  static Path bindings(Path folder) {
    return libraries(folder).resolve("libjniopenvino_c.so");
  }

  /** Why this machine cannot have it, or null. */
  static String unfit() {
    String os = System.getProperty("os.name");
    String arch = System.getProperty("os.arch");
    return os.equals("Linux") && arch.equals("amd64") ? null
        : "found " + os + " on " + arch + ", expected Linux on amd64: no other build of OpenVINO " + VERSION
            + " was tried";
  }
}
