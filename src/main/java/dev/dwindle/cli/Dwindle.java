package dev.dwindle.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program without a command: shows the help. */
@Command(name = "dwindle", versionProvider = Version.class, description = "Makes an ONNX model smaller and faster for one device, and proves it on that device.", synopsisSubcommandLabel = "COMMAND", footer = {
    "",
    "Exit codes: 0 done, 1 a gate failed, 2 usage or bad input, 3 no such device, 4 internal, 130 Ctrl-C, 143 SIGTERM."})
final class Dwindle implements Callable<Integer> {
  @Spec
  CommandSpec spec;

  @Option(names = "--version", versionHelp = true, description = "Shows the version.")
  boolean version;

  @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Shows stack traces of errors.")
  boolean debug;

  @Override
  public Integer call() {
    CommandLine line = spec.commandLine();
    line.usage(line.getOut());
    return ExitCode.DONE;
  }
}
