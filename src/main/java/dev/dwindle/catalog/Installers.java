package dev.dwindle.catalog;

import dev.dwindle.backend.Installer;
import dev.dwindle.backend.WheelInstaller;
import dev.dwindle.backend.cuda.CublasRelease;
import dev.dwindle.backend.cuda.NvrtcRelease;
import dev.dwindle.backend.openvino.OpenVinoRelease;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;

/** Everything that can be installed beside the program, by name. */
public final class Installers {
  private Installers() {}

  public static List<Installer> all() {
    return List.of(
        new WheelInstaller(OpenVinoRelease.WHEEL),
        new WheelInstaller(NvrtcRelease.WHEEL),
        new WheelInstaller(CublasRelease.WHEEL));
  }

  public static List<String> names() {
    return all().stream().map(Installer::name).toList();
  }

  /** The installer of this name; an error lists the names where there is none. */
  public static Installer of(String name) {
    return all().stream().filter(installer -> installer.name().equals(name)).findFirst()
        .orElseThrow(() -> new InvalidInputException(
            "install '" + name + "': unknown, expected one of " + names()));
  }
}
