package dev.dwindle.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
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
        new HelpCommand());
  }

  /** The command line with all commands, writing to these. */
  static CommandLine line(PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(new Dwindle());
    all().forEach(line::addSubcommand);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(false);
    line.setExecutionExceptionHandler(Failures::execution);
    line.setParameterExceptionHandler(Failures::usage);
    return line;
  }
}
