package dev.dwindle.report.html;

import dev.dwindle.report.Figures;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Every figure of both models and its change. */
final class ComparisonTable {
  private final List<Element> rows = new ArrayList<>();
  private String device = "";

  private ComparisonTable() {}

  static Element of(JobResult result) {
    ComparisonTable table = new ComparisonTable();
    ModelFile a = result.original();
    ModelFile b = result.compressed();
    table.bytes("File", a.bytes(), b.bytes());
    if (b.packed() != null) table.bytes("File, packed", a.bytes(), b.packed().bytes());
    table.bytes("Weights", a.weightBytes(), b.weightBytes());
    for (DeviceResult device : result.byDevice()) {
      table.device = Show.oneOf(result, device);
      device.accuracy().forEach(table::accuracy);
      if (device.latency() != null) table.latency(device.latency());
    }
    Element head = Table.row("", Table.column("", "Figure"), Table.column("number", "Original"),
        Table.column("number", "Compressed"), Table.column("number", "Change"));
    return Table.of("figures", "Figures of both models and their change", head, table.rows);
  }

  private void bytes(String name, long before, long after) {
    row(name, Table.figure(Figures.bytes(before), ""), Table.figure(Figures.bytes(after), ""),
        Table.figure(Show.ratio(before, after), ""));
  }

  private void accuracy(Accuracy accuracy) {
    Estimate change = accuracy.difference();
    row(accuracy.metric(), estimate(accuracy.original(), accuracy.unit()),
        estimate(accuracy.compressed(), accuracy.unit()),
        change == null ? Table.figure("", "")
            : Table.figure(Show.signed(change, Show.unitOfChange(accuracy)), Show.signedInterval(change)));
  }

  private static Element estimate(Estimate estimate, String unit) {
    return estimate == null ? Table.figure("–", "")
        : Table.figure(Show.value(estimate, unit), Show.interval(estimate));
  }

  private void latency(Latency latency) {
    Timing a = latency.original();
    Timing b = latency.compressed();
    row("Latency, median", Table.figure(Show.millis(a.median().value()), Show.interval(a.median())),
        Table.figure(Show.millis(b.median().value()), Show.interval(b.median())),
        Table.figure(Show.times(latency.speedup().value()) + " as fast", Show.timesInterval(latency.speedup())));
    percentile("Latency, P90", latency, Timing::p90);
    percentile("Latency, P99", latency, Timing::p99);
    row("Latency, variation", Table.figure(percent(a.variation()), ""), Table.figure(percent(b.variation()), ""),
        Table.figure("", ""));
  }

  private void percentile(String name, Latency latency, Function<Timing, Double> of) {
    Double a = of.apply(latency.original());
    Double b = of.apply(latency.compressed());
    if (a == null || b == null) return;
    row(name, Table.figure(Show.millis(a), ""), Table.figure(Show.millis(b), ""),
        Table.figure(Show.times(a / b) + " as fast", ""));
  }

  private static String percent(double share) {
    return Show.number(share * 100, 1) + "\u00a0%";
  }

  private void row(String name, Element original, Element compressed, Element change) {
    rows.add(Table.row("", Table.head("").text(name).add(Show.below(device)), original, compressed, change));
  }
}
