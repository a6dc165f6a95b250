package dev.dwindle.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** All commands, in the order in which the help shows them. */
final class Commands {
  private static final List<Named> ALL = List.of(
      new Named("quickstart", QuickstartCommand::new),
      new Named("compress", CompressCommand::new),
      new Named("distil", DistilCommand::new),
      new Named("validate", ValidateCommand::new),
      new Named("bench", BenchCommand::new),
      new Named("inspect", InspectCommand::new),
      new Named("run", RunCommand::new),
      new Named("pack", PackCommand::new),
      new Named("unpack", UnpackCommand::new),
      new Named("devices", DevicesCommand::new),
      new Named("install", InstallCommand::new),
      new Named("conformance", ConformanceCommand::new));

  private Commands() {}

  /** A command, not made yet, that does its work without knowing the others. */
  private record Named(String name, Function<Options, Callable<Integer>> maker) {
    CommandLine line() {
      return Options.line(name, maker);
    }
  }

  /** The command line for these arguments, writing to these. Only what the arguments name is made: a start is short. */
  static CommandLine line(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = Options.line("dwindle", Dwindle::new);
    List<Named> named = ALL.stream().filter(command -> args.length > 0 && command.name.equals(args[0])).toList();
    if (named.isEmpty()) addAll(line);
    else
      line.addSubcommand(named.getFirst().line());
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(false);
    line.setExecutionExceptionHandler(Failures::execution);
    line.setParameterExceptionHandler(Failures::usage);
    return line;
  }

  private static void addAll(CommandLine line) {
    ALL.forEach(command -> line.addSubcommand(command.line()));
    line.addSubcommand(Options.line("completion", CompletionCommand::new));
    line.addSubcommand(new HelpCommand());
  }
}
