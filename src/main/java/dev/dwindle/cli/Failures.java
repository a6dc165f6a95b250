package dev.dwindle.cli;

import dev.dwindle.search.Search;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.PassFailedException;
import dev.dwindle.train.Trainer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on the error stream and an exit code. */
final class Failures {
  /** What the JVM says of its own heap; of other memory it has no more than the system. */
  private static final String HEAP = "(?i).*(heap|GC overhead|array size).*";

  private Failures() {}

  /** An error of a running command. */
  static int execution(Exception error, CommandLine line, ParseResult parsed) {
    PrintWriter err = line.getErr();
    boolean debug = parsed.commandSpec().root().findOption("--debug") != null && Boolean.TRUE.equals(debug(line));
    int code = code(error);
    boolean internal = isInternal(error);
    String hint = internal && !debug ? "; run again with --debug for the stack trace" : "";
    String prefix = internal ? "internal error: " + error.getClass().getSimpleName() + ": " : "";
    err.println("dwindle: " + prefix + oneLine(error.getMessage()) + hint + kept());
    if (debug) error.printStackTrace(err);
    return code;
  }

  /** An error of the JVM, which no handler of the command line sees. */
  static int of(Error error, boolean debug, PrintWriter err) {
    err.println("dwindle: " + told(error) + kept());
    if (debug) error.printStackTrace(err);
    return error instanceof UnsatisfiedLinkError ? ExitCode.DEVICE : ExitCode.INTERNAL;
  }

  private static String told(Error error) {
    String words = oneLine(error.getMessage());
    return switch (error) {
      case OutOfMemoryError e -> "out of memory: " + words + (words.matches(HEAP)
          ? "; give more with DWINDLE_OPTS=-Xmx8g" : "; end other programs, or take a smaller batch or model");
      case StackOverflowError e -> "out of stack: the model nests too deep; give more with DWINDLE_OPTS=-Xss64m";
      case UnsatisfiedLinkError e -> "a native library cannot be used: " + words
          + "; install it again, or take another device ('dwindle devices' lists them)";
      case ExceptionInInitializerError e when e.getCause() != null -> "internal error: "
          + e.getCause().getClass().getSimpleName() + ": " + oneLine(e.getCause().getMessage());
      case LinkageError e -> "the program or a jar beside it is damaged: " + e.getClass().getSimpleName() + ": " + words
          + "; build or fetch it again";
      default -> "internal error: " + error.getClass().getSimpleName() + ": " + words;
    };
  }

  /** Where work that did not end has kept what it reached, to be put behind a line; empty where there is none. */
  static String kept() {
    return Trainer.takeUnfinished().entrySet().stream().map(each -> "; training up to step " + each.getValue()
        + " is kept in " + each.getKey() + ", and the same command goes on from there").collect(Collectors.joining())
        + Search.takeUnfinished().entrySet().stream().map(each -> "; " + each.getValue() + " measurement"
            + (each.getValue() == 1 ? " is" : "s are") + " kept in " + each.getKey()
            + ", and the same command goes on from there").collect(Collectors.joining());
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
      case DeviceMemoryException e -> ExitCode.INTERNAL;
      case PassFailedException e -> e.getCause() instanceof DwindleException cause ? code(cause) : ExitCode.INTERNAL;
      case DwindleException e -> ExitCode.INPUT;
      case CancellationException e -> ExitCode.INTERRUPTED;
      default -> ExitCode.INTERNAL;
    };
  }

  /** Whether an error is a flaw of the program, which only its stack trace explains. */
  private static boolean isInternal(Exception error) {
    return error instanceof PassFailedException ? !(error.getCause() instanceof DwindleException)
        : !(error instanceof DwindleException || error instanceof CancellationException);
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
