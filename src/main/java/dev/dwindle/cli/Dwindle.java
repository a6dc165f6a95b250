package dev.dwindle.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** The program without a command: shows the help. */
final class Dwindle implements Callable<Integer> {
  private final Options options;

  Dwindle(Options options) {
    this.options = options;
    options.describe("Makes an ONNX model smaller and faster for one device, and proves it on that device.");
    options.add(OptionSpec.builder("--version").versionHelp(true), boolean.class, false, "Shows the version.");
    options.add(
        OptionSpec.builder("--debug").scopeType(ScopeType.INHERIT), boolean.class, false,
        "Shows stack traces of errors.");
    options.spec().versionProvider(new Version()).usageMessage().synopsisSubcommandLabel("COMMAND").footer(
        "",
        "Exit codes: 0 done, 1 a gate failed, 2 usage or bad input, 3 no such device or one that went away, 4 internal or out of memory, 130 Ctrl-C, 143 SIGTERM.");
  }

  @Override
  public Integer call() {
    CommandLine line = options.spec().commandLine();
    line.usage(line.getOut());
    return ExitCode.DONE;
  }
}
