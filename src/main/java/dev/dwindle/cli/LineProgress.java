package dev.dwindle.cli;

import dev.dwindle.pass.Progress;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Progress where nobody watches a terminal, such as in a log: a line a minute of stages that last longer. */
final class LineProgress implements Progress {
  private static final long MINUTE = 60_000_000_000L;

  private final PrintWriter err;
  private final LongSupplier nanos;
  private String stage = "";
  private String note = "";
  private long total;
  private long done;
  private long began;
  private long told;

  LineProgress(PrintWriter err, LongSupplier nanos) {
    this.err = err;
    this.nanos = nanos;
  }

  @Override
  public synchronized void begin(String name, long steps) {
    stage = name;
    note = "";
    total = steps;
    done = 0;
    began = nanos.getAsLong();
    told = began;
  }

  @Override
  public synchronized void advance(long steps) {
    done += steps;
    long now = nanos.getAsLong();
    if (now - told < MINUTE) return;
    told = now;
    String of = total > 0 ? " of " + total : "";
    double left = total > 0 && done > 0 ? (double) (now - began) / MINUTE * (total - done) / done : 0;
    String time = total > 0 ? String.format(Locale.ROOT, ", about %.0f min left", Math.ceil(left)) : "";
    err.println("dwindle: " + stage + ": " + done + of + (note.isEmpty() ? "" : ", " + note) + time);
  }

  @Override
  public synchronized void note(String text) {
    note = text;
  }
}
