package dev.dwindle.report.html;

import dev.dwindle.report.BenchWords;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.BenchResult.Versus;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Scenario;
import dev.dwindle.result.Tail;
import java.util.List;
import java.util.stream.IntStream;

/** The figures of each model, in the three columns that the scenario is about. */
final class BenchTable {
  private BenchTable() {}

  static Element of(BenchResult result) {
    boolean server = result.models().getFirst().server() != null;
    boolean offline = result.setting().scenario().equals(Scenario.OFFLINE.word());
    String percentile = BenchWords.percentile(result.setting().percent());
    Element head = Table.row("", Table.column("", "Model"),
        Table.column("number", server ? "Rate" : offline ? "Throughput" : "Median"),
        Table.column("number", offline ? "Median" : percentile),
        Table.column("number", server ? "Median" : "Beside the first"));
    List<Element> rows = IntStream.range(0, result.models().size()).mapToObj(i -> row(result, i, server, offline))
        .toList();
    return Table.of("figures", "Speed of each model", head, rows);
  }

  private static Element row(BenchResult result, int index, boolean server, boolean offline) {
    Entry entry = result.models().get(index);
    Element name = Table.head("", Element.of("span", "name", BenchPage.name(result, index)));
    if (entry.joules() != null) {
      name.add(Element.of("span", "below", Show.sentence(BenchWords.energy(entry.joules())) + " a sample"));
    }
    if (server) return Table.row("", name, rate(entry), tail(entry.tail()), median(entry));
    return offline ? Table.row("", name, throughput(entry), median(entry), versus(entry.versus()))
        : Table.row("", name, median(entry), tail(entry.tail()), versus(entry.versus()));
  }

  private static Element rate(Entry entry) {
    if (entry.server().rate() == 0) return Table.figure("–", entry.server().remark());
    return Table.figure(Show.number(entry.server().rate(), 1) + "\u00a0/s",
        Show.number(entry.server().failed(), 1) + " did not hold");
  }

  private static Element throughput(Entry entry) {
    Estimate e = entry.throughput();
    return Table.figure(Show.number(e.value(), 0) + "\u00a0/s",
        Show.number(e.low(), 0) + " to " + Show.number(e.high(), 0));
  }

  private static Element median(Entry entry) {
    if (entry.timing() == null) return Table.figure("–", "");
    Estimate median = entry.timing().median();
    return Table.figure(Show.millis(median.value()), Show.interval(median));
  }

  private static Element tail(Tail tail) {
    if (tail == null) return Table.figure("–", "");
    return tail.latency() == null ? Table.figure("–", "takes " + tail.needed() + " runs")
        : Table.figure(Show.millis(tail.latency().value()), "at most " + Show.millis(tail.atMost()) + " at 99 %");
  }

  private static Element versus(Versus versus) {
    return versus == null ? Table.figure("", "")
        : Table.figure(Show.times(versus.speedup().value()) + " as fast",
            Show.timesInterval(versus.speedup()) + ", " + versus.verdict());
  }
}
