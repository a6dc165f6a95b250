package dev.dwindle.cli;

import dev.dwindle.catalog.Backends;
import dev.dwindle.result.OutputFile;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program {@code dwindle}: the only class that ends the process. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Backends.prepare();
    if (Boolean.getBoolean(Archive.MAKING)) Archive.load();
    Options.sparePicocli();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    OutputFile.prepare();
    Thread farewell = new Thread(() -> {
      OutputFile.end();
      err.println("dwindle: interrupted; what was being written is gone, what was there before is whole"
          + Failures.kept());
    });
    Runtime.getRuntime().addShutdownHook(farewell);
    int code = run(args, out, err);
    out.flush();
    err.flush();
    try {
      Runtime.getRuntime().removeShutdownHook(farewell);
    } catch (IllegalStateException e) {
      return; // Ctrl-C came first: the program is ending already
    }
    System.exit(code);
  }

  /** Runs one command; returns its exit code. */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    try {
      return Commands.line(out, err, args).execute(args);
    } catch (Error e) {
      return Failures.of(e, List.of(args).contains("--debug"), err);
    }
  }
}
