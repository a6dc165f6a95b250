package dev.dwindle.cli;

/**
 * The module of the Vector API, loaded while the program starts. The flag {@code --add-modules} does the same, but
 * prints a warning that no other flag silences, and a plain {@code java -jar} does not have it.
 */
final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  /**
   * Loads the module unless it is there. Must run before the first class that uses the Vector API is linked.
   *
   * @return whether the Vector API can be used now
   */
  static boolean load() {
    if (ModuleLayer.boot().findModule(NAME).isPresent()) return true;
    try {
      // Exported to us by Add-Exports in the jar's manifest; other ways into the program must pass the flag.
      Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, NAME);
      return true;
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      return false;
    }
  }
}
