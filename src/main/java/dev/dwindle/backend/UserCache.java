package dev.dwindle.backend;

import java.nio.file.Path;

/** The user's folder for what can be fetched or computed again: property {@code dwindle.cache}, else the system's usual place. */
public final class UserCache {
  private UserCache() {}

  /** The folder, which need not be there yet. */
  public static Path folder() {
    String chosen = System.getProperty("dwindle.cache");
    if (chosen != null) return Path.of(chosen).toAbsolutePath();
    String base = System.getenv("XDG_CACHE_HOME");
    Path parent = base == null || base.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
    return parent.resolve("dwindle").toAbsolutePath();
  }
}
