package dev.dwindle.result;

/** The version of Dwindle, from the jar's manifest. */
public final class Version {
  private Version() {}

  /** Such as {@code 0.1.0}; {@code development} where the classes do not come from a jar. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
