package dev.dwindle.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** All commands, in the order in which the help shows them. */
final class Commands {
  private Commands() {}

  private static List<Object> all() {
    return List.of(
        new QuickstartCommand(),
        new CompressCommand(),
        new ValidateCommand(),
        new BenchCommand(),
        new InspectCommand(),
        new RunCommand(),
        new DevicesCommand(),
        new ConformanceCommand(),
        new CompletionCommand(),
        new HelpCommand());
  }

  /** Whether a command does its work without knowing the others, and has this name. */
  private static boolean does(Object command, String name) {
    boolean tellsOfAll = command instanceof HelpCommand || command instanceof CompletionCommand;
    return !tellsOfAll && command.getClass().getAnnotation(Command.class).name().equals(name);
  }

  /** The command line for these arguments, writing to these. Only what the arguments name is read: most of a start is spent here. */
  static CommandLine line(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = new CommandLine(new Dwindle());
    List<Object> all = all();
    List<Object> named = args.length == 0 ? List.of() : all.stream().filter(command -> does(command, args[0])).toList();
    (named.isEmpty() ? all : named).forEach(line::addSubcommand);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(false);
    line.setExecutionExceptionHandler(Failures::execution);
    line.setParameterExceptionHandler(Failures::usage);
    return line;
  }
}
