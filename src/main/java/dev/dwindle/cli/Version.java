package dev.dwindle.cli;

import picocli.CommandLine.IVersionProvider;

/** The program's version and the Java that runs it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
        "dwindle " + dev.dwindle.result.Version.text() + ", Java " + Runtime.version() + ", "
            + System.getProperty("os.arch")};
  }
}
