package dev.dwindle.tensor;

/**
 * The module of the Vector API, loaded while the program starts. The flag {@code --add-modules} does the same, but
 * prints a warning that no other flag silences, and a plain {@code java -jar} does not have it.
 */
public final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  /** The thread that loads the module: begun by the first that asks, waited for before a kernel is linked. */
  private static final Thread LOADING = Thread.ofPlatform().daemon().name("dwindle-vectors")
      .unstarted(VectorModule::load);

  private static volatile boolean there;

  private VectorModule() {}

  /** Begins to load the module, if nobody has; goes on at once. */
  public static synchronized void begin() {
    if (LOADING.getState() == Thread.State.NEW) LOADING.start();
  }

  /** Whether the Vector API can be used, once that is known. */
  public static boolean isThere() {
    if (there) return true;
    begin();
    try {
      LOADING.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return there;
  }

  private static void load() {
    try {
      if (ModuleLayer.boot().findModule(NAME).isEmpty()) {
        // Exported to us by Add-Exports in the jar's manifest; other ways into the program must pass the flag.
        Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, NAME);
      }
      there = true;
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      there = false;
    }
  }
}
