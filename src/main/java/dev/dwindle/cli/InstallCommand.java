package dev.dwindle.cli;

import dev.dwindle.catalog.Installers;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code install NAME}: fetches what a device needs and the program does not carry. */
final class InstallCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<String> name;
  private final Argument<Path> archive;

  InstallCommand(Options options) {
    this.options = options;
    options.describe("Fetches what a device needs beside the program, once, into the user's cache.");
    name = options.parameter("NAME", String.class, "What to install: " + String.join(" or ", Installers.names()) + ".");
    archive = options.option("--from", "WHEEL", Path.class,
        "A file that was fetched before, on a machine without network.");
  }

  @Override
  public Integer call() {
    Installers.of(name.get()).install(archive.get(), line -> {
      options.out().println(line);
      options.out().flush();
    });
    return ExitCode.DONE;
  }
}
