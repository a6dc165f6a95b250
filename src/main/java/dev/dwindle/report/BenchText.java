package dev.dwindle.report;

import static dev.dwindle.report.Figures.number;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.Timing;
import java.util.Locale;

/** Latencies for the terminal. */
public final class BenchText {
  private static final int MOST_STEPS = 30;

  private BenchText() {}

  /** The table, ending in a line break. */
  public static String of(BenchResult result) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(
        Locale.ROOT, "%s, %s, %s; %s, load %.2f%n", result.device(), result.precision(),
        result.threads() == 0 ? "all cores" : result.threads() + " thread(s)", result.machine().cpu(),
        result.machine().load()));
    for (BenchResult.Entry entry : result.models()) {
      Timing t = entry.timing();
      text.append(entry.model()).append(" (").append(entry.shapes()).append(")\n");
      text.append("  median ").append(Figures.value(t.median())).append(" ms ").append(Figures.interval(t.median()));
      if (t.p90() != null) text.append(", P90 ").append(number(t.p90(), 3)).append(" ms");
      if (t.p99() != null) text.append(", P99 ").append(number(t.p99(), 3)).append(" ms");
      text.append(", min ").append(number(t.min(), 3)).append(" ms, variation ").append(number(t.variation() * 100, 1))
          .append(" %, ");
      text.append(t.runs()).append(" runs after ").append(t.warmup()).append(" to warm up\n");
      if (entry != result.models().getFirst()) {
        text.append("  ").append(number(entry.speedup().value(), 2)).append("x as fast as the first [")
            .append(number(entry.speedup().low(), 2)).append(", ").append(number(entry.speedup().high(), 2))
            .append("]\n");
      }
      nodes(text, entry);
    }
    result.warnings().forEach(w -> text.append("warning: ").append(w).append('\n'));
    return text.toString();
  }

  private static void nodes(StringBuilder text, BenchResult.Entry entry) {
    if (entry.nodes().isEmpty()) return;
    double sum = entry.nodes().stream().mapToDouble(BenchResult.Step::millis).sum();
    entry.nodes().stream().limit(MOST_STEPS).forEach(
        s -> text.append(String.format(Locale.ROOT, "  %9.4f ms %5.1f %%  %-24s %s%n", s.millis(),
            100 * s.millis() / sum, s.kernel(), String.join(" + ", s.nodes()))));
    text.append(String.format(Locale.ROOT,
        "  %9.4f ms 100.0 %%  sum of %d steps, each the median of its own; profiling adds overhead%n", sum,
        entry.nodes().size()));
  }
}
