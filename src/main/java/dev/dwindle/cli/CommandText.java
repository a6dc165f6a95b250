package dev.dwindle.cli;

import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as the user gave it, so that it can be pasted again. */
final class CommandText {
  private CommandText() {}

  static String of(CommandSpec spec) {
    return "dwindle " + spec.root().commandLine().getParseResult().originalArgs().stream().map(CommandText::quoted)
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=,%+@-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
