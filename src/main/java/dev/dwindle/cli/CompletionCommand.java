package dev.dwindle.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion SHELL}: the script by which a shell completes commands, options and files. */
@Command(name = "completion", description = "Prints a completion script: source <(dwindle completion bash).")
final class CompletionCommand implements Callable<Integer> {
  /** Shells whose completion the script serves. */
  enum Shell {
    bash,
    zsh
  }

  @Spec
  CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}; both take the same script.")
  Shell shell;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(AutoComplete.bash("dwindle", spec.root().commandLine()));
    return ExitCode.DONE;
  }
}
