package dev.dwindle.report;

import static dev.dwindle.report.Figures.number;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Decision;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PassResult;
import dev.dwindle.result.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The report for the terminal: a table of before and after, what the passes did, what the gates say. */
public final class TextReport {
  private static final int WORST_LAYERS = 5;

  private final JobResult result;
  private final boolean several;
  private final StringBuilder text = new StringBuilder();
  private final List<String[]> rows = new ArrayList<>();

  private TextReport(JobResult result) {
    this.result = result;
    several = result.byDevice().size() > 1;
  }

  /** The whole report, ending in a line break. */
  public static String of(JobResult result) {
    TextReport report = new TextReport(result);
    report.table();
    report.passes();
    report.decisions();
    report.layers();
    Warnings.of(result).forEach(w -> report.line("  warning: " + w));
    report.gates();
    report.line(result.verdict());
    return report.text.toString();
  }

  private void table() {
    rows.add(new String[] {"", "original", "compressed", "change"});
    ModelFile a = result.original();
    ModelFile b = result.compressed();
    rows.add(new String[] {"file", Figures.bytes(a.bytes()), Figures.bytes(b.bytes()), ratio(a.bytes(), b.bytes())});
    rows.add(new String[] {"weights", Figures.bytes(a.weightBytes()), Figures.bytes(b.weightBytes()),
        ratio(a.weightBytes(), b.weightBytes())});
    if (b.packed() != null) {
      rows.add(new String[] {"packed", Figures.bytes(a.bytes()), Figures.bytes(b.packed().bytes()),
          ratio(a.bytes(), b.packed().bytes())});
    }
    for (DeviceResult device : result.byDevice()) {
      if (several) rows.add(new String[] {"on " + device.device(), "", "", ""});
      device.accuracy().forEach(this::accuracy);
      if (device.latency() != null) latency(device.latency());
    }
    int[] widths = new int[4];
    for (String[] row : rows) {
      for (int i = 0; i < 4; i++) widths[i] = Math.max(widths[i], row[i].length());
    }
    for (String[] row : rows) {
      line(String.format(
          "  %-" + widths[0] + "s  %" + widths[1] + "s  %" + widths[2] + "s  %-" + widths[3] + "s", (Object[]) row)
          .stripTrailing());
    }
    if (!result.accuracy().isEmpty()) {
      line(String.format(Locale.ROOT,
          "  accuracy on %,d samples of the evaluation part%s, intervals at 95 %%, the change paired",
          result.accuracy().getFirst().samples(),
          Decision.byAccuracy(result.decisions()) ? " that no choice was made on" : ""));
    }
    result.byDevice().stream().map(DeviceResult::latency).filter(Objects::nonNull).forEach(this::conditions);
    if (b.packed() != null) {
      line(String.format(Locale.ROOT, "  packed: %s, %s %% of the original file, preset %s", b.packed().path(),
          number(100.0 * b.packed().bytes() / a.bytes(), 2), b.packed().preset()));
    }
    if (result.peakMemoryBytes() > 0)
      line("  peak memory of the whole job " + Figures.memory(result.peakMemoryBytes()));
    line("");
  }

  private void conditions(Latency l) {
    line(String.format(
        Locale.ROOT, "  latency on %s (%s, %s), %s, %,d runs each in turn after %d and %d to warm up",
        l.device(), l.precision(),
        l.threads() == 1 ? "1 thread" : l.threads() == 0 ? "all cores" : l.threads() + " threads",
        l.shapes(), l.original().runs(), l.original().warmup(), l.compressed().warmup()));
  }

  private static String ratio(long before, long after) {
    if (before == 0 || after == 0) return "-";
    return before < after ? String.format(Locale.ROOT, "%.2fx larger", (double) after / before)
        : String.format(Locale.ROOT, "%.2fx smaller", (double) before / after);
  }

  private void accuracy(Accuracy accuracy) {
    String unit = accuracy.unit().isEmpty() ? "" : " " + accuracy.unit();
    String points = accuracy.unit().equals("%") ? " pt" : unit;
    boolean self = accuracy.original() == null;
    rows.add(new String[] {
        accuracy.metric(), self ? "" : Figures.value(accuracy.original()) + unit,
        Figures.value(accuracy.compressed()) + unit,
        accuracy.difference() == null ? ""
            : Figures.signed(accuracy.difference()) + points + " " + Figures.signedInterval(accuracy.difference())});
    rows.add(new String[] {"", self ? "" : Figures.interval(accuracy.original()),
        Figures.interval(accuracy.compressed()), ""});
  }

  private void latency(Latency latency) {
    Timing a = latency.original();
    Timing b = latency.compressed();
    rows.add(new String[] {
        "latency, median", Figures.value(a.median()) + " ms", Figures.value(b.median()) + " ms",
        number(latency.speedup().value(), 2) + "x as fast " + "[" + number(latency.speedup().low(), 2) + ", "
            + number(latency.speedup().high(), 2) + "]"});
    rows.add(new String[] {"", Figures.interval(a.median()), Figures.interval(b.median()), ""});
    percentile("latency, P90", a.p90(), b.p90());
    percentile("latency, P99", a.p99(), b.p99());
    rows.add(
        new String[] {"variation", number(a.variation() * 100, 1) + " %", number(b.variation() * 100, 1) + " %", ""});
  }

  private void percentile(String name, Double a, Double b) {
    if (a != null && b != null) {
      rows.add(new String[] {name, number(a, 3) + " ms", number(b, 3) + " ms", number(a / b, 2) + "x as fast"});
    }
  }

  private void passes() {
    for (PassResult pass : result.passes()) {
      line("  " + pass.pass() + ": " + pass.summary());
      pass.figures().forEach((name, figure) -> {
        if (!name.equals("warning")) line("    " + name + ": " + figure);
      });
      pass.skipped().forEach((node, reason) -> line("    left alone: " + node + " (" + reason + ")"));
    }
    if (!result.passes().isEmpty()) line("");
  }

  private void decisions() {
    for (Decision decision : result.decisions()) {
      line("  chosen for " + decision.rule() + ": " + decision.choice() + " (" + decision.reason() + ")");
      decision.layers().forEach(layer -> line("    " + layer));
    }
    if (!result.decisions().isEmpty()) line("");
  }

  private static double rank(LayerFidelity layer) {
    return Double.isNaN(layer.sqnr()) ? Double.NEGATIVE_INFINITY : layer.sqnr();
  }

  private void layers() {
    List<LayerFidelity> worst = result.layers().stream().filter(layer -> layer.sqnr() != Double.POSITIVE_INFINITY)
        .sorted((a, b) -> Double.compare(rank(a), rank(b)))
        .limit(WORST_LAYERS).toList();
    if (worst.isEmpty()) return;
    String where = several && result.latency() != null ? " on " + result.latency().device() : "";
    line("  layers that differ most" + where + " (SQNR, signal to quantization noise):");
    for (LayerFidelity layer : worst) {
      String sqnr = Double.isFinite(layer.sqnr()) ? String.format(Locale.ROOT, "%6.1f dB", layer.sqnr()) : "not finite";
      line("    " + sqnr + "  " + layer.operator() + " '" + layer.node() + "'");
    }
    line("");
  }

  private void gates() {
    for (DeviceResult device : result.byDevice()) {
      device.gates().forEach(gate -> gate(gate, several ? " on " + device.device() : ""));
    }
  }

  private void gate(Gate gate, String where) {
    String remark = gate.remark().isEmpty() ? "" : " (" + gate.remark() + ")";
    line("  " + gate.outcome().name().toLowerCase(Locale.ROOT) + where + ": " + gate.name() + " is " + gate.found()
        + ", expected at most " + gate.expected() + remark);
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
