package dev.dwindle.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** One run of the program inside the test: exit code and what it printed. */
record Console(int code, String out, String err) {
  static Console run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) words[i] = args[i] instanceof Path p ? p.toString() : String.valueOf(args[i]);
    int code = Main.run(words, new PrintWriter(out), new PrintWriter(err));
    return new Console(code, out.toString(), err.toString());
  }
}
