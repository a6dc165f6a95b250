package dev.dwindle.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;

/** {@code completion SHELL}: the script by which a shell completes commands, options and files. */
final class CompletionCommand implements Callable<Integer> {
  /** Shells whose completion the script serves. */
  enum Shell {
    bash,
    zsh
  }

  private final Options options;

  CompletionCommand(Options options) {
    this.options = options;
    options.describe("Prints a completion script: source <(dwindle completion bash).");
    options.parameter("SHELL", Shell.class, "One of ${COMPLETION-CANDIDATES}; both take the same script.");
  }

  @Override
  public Integer call() {
    options.out().print(AutoComplete.bash("dwindle", options.spec().root().commandLine()));
    return ExitCode.DONE;
  }
}
