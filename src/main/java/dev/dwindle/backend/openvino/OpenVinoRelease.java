package dev.dwindle.backend.openvino;

import dev.dwindle.backend.PinnedWheel;
import java.util.List;

/** The release of OpenVINO that Dwindle is built against. */
public final class OpenVinoRelease {
  public static final PinnedWheel WHEEL = new PinnedWheel("openvino", "OpenVINO", "openvino", "2026.4.1", 59,
      "6b4375c17ddcac83a5180349e2e2bb811185c261066e2a920659892d58ef0e3b",
      new PinnedWheel.Choice("CPython 3.12", "manylinux_2_28_x86_64",
          List.of("--python-version", "3.12", "--implementation", "cp", "--abi", "cp312")),
      List.of("openvino/libs/", "openvino/include/openvino/c/"), "",
      new PinnedWheel.Bindings(1, "openvino/include", "openvino/libs", "libopenvino_c.so", ".2641",
          List.of("org.bytedeco.openvino.presets.openvino_c", "org.bytedeco.openvino.global.openvino_c",
              "org.bytedeco.openvino.*")));

  private OpenVinoRelease() {}
}
