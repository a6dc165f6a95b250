package dev.dwindle.backend;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One release of a native library, as a wheel on PyPI: what is fetched, what is kept of it, and where that lies once it is installed.
 *
 * @param name by which users install it
 * @param product the library's own name
 * @param project PyPI's name of it
 * @param megabytes size of the wheel
 * @param choice what pip chooses the same wheel by on every machine
 * @param kept the folders of the wheel that are unpacked, each ending in a slash, and single files
 * @param terms what users are told of its licence before it is fetched; empty where it goes without saying
 * @param bindings null where Java calls it without
 */
public record PinnedWheel(String name, String product, String project, String version, int megabytes, String sha256,
    Choice choice, List<String> kept, String terms, Bindings bindings) {
  /**
   * Which of a release's wheels it is.
   *
   * @param python the Python that it is for, in words
   * @param platform in pip's word
   * @param more further arguments of pip's
   */
  public record Choice(String python, String platform, List<String> more) {}

  /**
   * The library by which Java calls it, built on the user's machine.
   *
   * @param number raised with the preset: what was built of another one is built again
   * @param headers folder of the wheel in which C headers lie
   * @param libraries folder of the wheel in which its libraries lie, beside which the bindings are put
   * @param linked the library that is linked, without its version
   * @param suffix its version, as the end of its file's name
   * @param preset JavaCPP's classes, the preset first
   */
  public record Bindings(int number, String headers, String libraries, String linked, String suffix,
      List<String> preset) {}

  /** The release in a user's words. */
  String what() {
    return project + " " + version;
  }

  /** The folder of the installed release. */
  public Path folder() {
    return UserCache.folder().resolve(project + "-" + version + "-" + (bindings == null ? 1 : bindings.number));
  }

  /** The library of the bindings in a folder; it loads the product's own from beside it. */
  Path bindingsIn(Path folder) {
    String preset = bindings.preset.getFirst();
    return folder.resolve(bindings.libraries)
        .resolve("libjni" + preset.substring(preset.lastIndexOf('.') + 1) + ".so");
  }

  /** Why this machine cannot have it, or null. */
  String unfit() {
    String os = System.getProperty("os.name");
    String arch = System.getProperty("os.arch");
    return os.equals("Linux") && arch.equals("amd64") ? null
        : "found " + os + " on " + arch + ", expected Linux on amd64: no other build of " + product + " " + version
            + " was tried";
  }

  /** Why it cannot be loaded, as far as its files tell, and what mends that; null where they are as they were installed. */
  public String missing() {
    Path folder = folder();
    if (unfit() != null) return unfit();
    if (!Manifest.isIn(folder)) return product + " " + version + " is not installed" + mend();
    try {
      String damage = Manifest.of(folder).damage();
      return damage == null ? null : product + " in " + folder + " is damaged: " + damage + mend();
    } catch (IOException e) {
      return product + " in " + folder + " cannot be read: " + e.getMessage() + mend();
    }
  }

  /**
   * Loads the bindings, and with them the product's libraries, from where they are installed.
   *
   * @throws DeviceUnavailableException where they are not there, or do not load
   */
  public void load() {
    String reason = missing();
    if (reason != null) throw new DeviceUnavailableException(reason);
    // JavaCPP would look for libraries in places of its own, and keep links to them for other runs.
    System.setProperty("org.bytedeco.javacpp.loadlibraries", "false");
    try {
      System.load(bindingsIn(folder()).toString());
    } catch (UnsatisfiedLinkError e) {
      throw unloadable(e);
    }
  }

  /** The error of a library that is there and does not load or begin. */
  public DeviceUnavailableException unloadable(Throwable cause) {
    return new DeviceUnavailableException(product + " cannot be loaded: " + cause.getMessage() + mend());
  }

  private String mend() {
    return "; run 'dwindle install " + name + "'";
  }
}
