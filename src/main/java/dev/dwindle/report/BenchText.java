package dev.dwindle.report;

import static dev.dwindle.report.Figures.number;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.BenchResult.Versus;
import dev.dwindle.result.Tail;
import dev.dwindle.result.Timing;
import java.util.Locale;

/** Speeds for the terminal. */
public final class BenchText {
  private static final int MOST_STEPS = 30;

  private final StringBuilder text = new StringBuilder();
  private final BenchResult result;

  private BenchText(BenchResult result) {
    this.result = result;
  }

  /** The table, ending in a line break. */
  public static String of(BenchResult result) {
    return new BenchText(result).whole();
  }

  private String whole() {
    line(String.format(Locale.ROOT, "%s, %s, %s; %s, load %.2f", result.device(), result.precision(),
        BenchWords.threads(result), result.machine().cpu(), result.machine().load()));
    line(BenchWords.scenario(result));
    result.models().forEach(this::model);
    if (result.rematch() != null) rematch();
    BenchWords.machine(result).forEach((name, value) -> line(name + ": " + value));
    result.warnings().forEach(warning -> line("warning: " + warning));
    return text.toString();
  }

  private void model(Entry entry) {
    line(entry.model() + " (" + entry.shapes() + ")");
    if (entry.server() != null) line("  " + BenchWords.rate(entry.server()));
    if (entry.timing() != null) timing(entry.timing());
    if (entry.tail() != null) line("  " + tail(entry.tail()));
    if (entry.throughput() != null) {
      line("  " + number(entry.throughput().value(), 1) + " samples/s [" + number(entry.throughput().low(), 1) + ", "
          + number(entry.throughput().high(), 1) + "]");
    }
    if (entry.joules() != null) line("  " + BenchWords.energy(entry.joules()) + " a sample");
    if (entry.versus() != null) line("  " + versus(entry.versus(), "the first"));
    nodes(entry);
  }

  private void timing(Timing t) {
    text.append("  median ").append(Figures.value(t.median())).append(" ms ").append(Figures.interval(t.median()));
    if (t.p90() != null) text.append(", P90 ").append(number(t.p90(), 3)).append(" ms");
    if (t.p99() != null) text.append(", P99 ").append(number(t.p99(), 3)).append(" ms");
    text.append(", min ").append(number(t.min(), 3)).append(" ms, variation ").append(number(t.variation() * 100, 1));
    line(" %, " + t.runs() + " runs after " + t.warmup() + " to warm up");
  }

  private static String tail(Tail tail) {
    if (tail.latency() == null) return BenchWords.tooFew(tail);
    return BenchWords.percentile(tail.percent()) + " " + Figures.value(tail.latency()) + " ms "
        + Figures.interval(tail.latency()) + "; " + BenchWords.claim(tail);
  }

  private static String versus(Versus v, String whom) {
    return number(v.speedup().value(), 2) + "x as fast as " + whom + " [" + number(v.speedup().low(), 2) + ", "
        + number(v.speedup().high(), 2) + "], p = " + BenchWords.probability(v.pValue()) + ": " + v.verdict();
  }

  private void rematch() {
    line("the best of " + result.models().size() + ", " + result.rematch().model()
        + ", measured once more beside the first:");
    line("  " + versus(result.rematch().versus(), "the first") + "; median "
        + Figures.value(result.rematch().best().median()) + " ms beside "
        + Figures.value(result.rematch().first().median()) + " ms");
  }

  private void nodes(Entry entry) {
    if (entry.nodes().isEmpty()) return;
    double sum = entry.nodes().stream().mapToDouble(BenchResult.Step::millis).sum();
    entry.nodes().stream().limit(MOST_STEPS).forEach(
        s -> line(String.format(Locale.ROOT, "  %9.4f ms %5.1f %%  %-24s %s", s.millis(), 100 * s.millis() / sum,
            s.kernel(), String.join(" + ", s.nodes()))));
    line(String.format(Locale.ROOT,
        "  %9.4f ms 100.0 %%  sum of %d steps, each the median of its own; profiling adds overhead", sum,
        entry.nodes().size()));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
