package dev.dwindle.cli;

import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.PassFailedException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on the error stream and an exit code. */
final class Failures {
  private Failures() {}

  /** An error of a running command. */
  static int execution(Exception error, CommandLine line, ParseResult parsed) {
    PrintWriter err = line.getErr();
    boolean debug = parsed.commandSpec().root().findOption("--debug") != null && Boolean.TRUE.equals(debug(line));
    int code = code(error);
    String hint = code == ExitCode.INTERNAL && !debug ? "; run again with --debug for the stack trace" : "";
    String prefix = code == ExitCode.INTERNAL ? "internal error: " + error.getClass().getSimpleName() + ": " : "";
    err.println("dwindle: " + prefix + oneLine(error.getMessage()) + hint);
    if (debug) error.printStackTrace(err);
    return code;
  }

  /** The machine ran out of heap or stack: an error that no handler of the command line sees. */
  static int exhausted(VirtualMachineError error, PrintWriter err) {
    boolean heap = error instanceof OutOfMemoryError;
    err.println(
        "dwindle: out of " + (heap ? "memory: " + oneLine(error.getMessage()) : "stack: the model nests too deep")
            + "; give more with DWINDLE_OPTS=" + (heap ? "-Xmx8g" : "-Xss64m"));
    return ExitCode.INTERNAL;
  }

  private static Object debug(CommandLine line) {
    for (CommandLine at = line; at != null; at = at.getParent()) {
      if (Boolean.TRUE.equals(at.getCommandSpec().findOption("--debug") == null ? null
          : at.getCommandSpec().findOption("--debug").getValue())) {
        return true;
      }
    }
    return false;
  }

  private static int code(Exception error) {
    return switch (error) {
      case DeviceUnavailableException e -> ExitCode.DEVICE;
      case PassFailedException e -> e.getCause() instanceof DwindleException ? ExitCode.INPUT : ExitCode.INTERNAL;
      case DwindleException e -> ExitCode.INPUT;
      case CancellationException e -> ExitCode.INTERRUPTED;
      default -> ExitCode.INTERNAL;
    };
  }

  /** An error of usage: what is wrong, what may have been meant, where help is. */
  static int usage(ParameterException error, String[] args) {
    CommandLine line = error.getCommandLine();
    List<String> parts = new ArrayList<>();
    boolean isCommand = error instanceof UnmatchedArgumentException && line.getParent() == null
        && !args[0].startsWith("-");
    parts.add(isCommand ? "unknown command '" + args[0] + "'" : plain(oneLine(error.getMessage())));
    if (error instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) parts.add("did you mean " + String.join(" or ", suggestions) + "?");
    }
    String command = line.getCommandSpec().qualifiedName();
    String help = line.getParent() == null ? "dwindle help" : "dwindle help " + line.getCommandName();
    line.getErr().println(command + ": " + String.join("; ", parts) + " (see '" + help + "')");
    return ExitCode.INPUT;
  }

  /** Picocli's words, without its slips and without Java's names of types. */
  private static String plain(String message) {
    return message.replaceFirst("^Error: ", "").replace("option option", "option")
        .replace("is not an int", "is no whole number below 2^31")
        .replace("is not a long", "is no whole number below 2^63").replace("is not a double", "is no number")
        .replaceFirst("\\.$", "");
  }

  private static String oneLine(String message) {
    return message == null ? "no further message"
        : message.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse("");
  }
}
