package dev.dwindle.report.html;

import dev.dwindle.report.BenchWords;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The figures at the top: the first model's in large, those of all (or the first few) on one scale below. */
final class BenchTiles {
  private static final int MOST_ROWS = 6;

  private BenchTiles() {}

  static Element row(BenchResult result) {
    String percentile = BenchWords.percentile(result.setting().percent());
    Element latency = tile(result, "Latency, median", "ms", e -> e.timing() == null ? null : e.timing().median());
    double each = 1e3 / result.setting().samples();
    Element tail = result.setting().scenario().equals(Scenario.OFFLINE.word())
        ? tile(result, "Time of a sample", "µs", e -> e.timing().median().times(each))
        : tile(result, "Latency, " + percentile, "ms", e -> e.tail() == null ? null : e.tail().latency());
    Element rate = result.models().getFirst().server() != null
        ? tile(result, "Highest rate that holds", "requests/s", BenchTiles::rate)
        : tile(result, "Throughput", "samples/s", Entry::throughput);
    return Element.of("div", "tiles", latency, tail, rate);
  }

  private static Estimate rate(Entry entry) {
    double rate = entry.server().rate();
    return rate == 0 ? null : new Estimate(rate, rate, entry.server().failed(), Double.NaN);
  }

  private static Element tile(BenchResult result, String name, String unit, Function<Entry, Estimate> figure) {
    Estimate first = figure.apply(result.models().getFirst());
    if (first == null) return Tile.missing(name);
    double most = result.models().stream().map(figure).filter(e -> e != null).mapToDouble(Estimate::high).max()
        .orElse(1);
    List<Element> rows = new ArrayList<>();
    int shown = Math.min(MOST_ROWS, result.models().size());
    for (int i = 0; i < shown && result.models().size() > 1; i++) {
      Estimate e = figure.apply(result.models().get(i));
      if (e != null)
        rows.add(Tile.bar(i == 0 ? "original" : "compressed", BenchPage.letter(i), most, e, number(e.value())));
    }
    String interval = Double.isNaN(first.confidence()) ? number(first.high()) + " did not hold"
        : "95 % interval " + number(first.low()) + " to " + number(first.high());
    String whose = result.models().size() == 1 ? unit : unit + ", A";
    return Tile.of(name, number(first.value()), whose, interval, rows.toArray(Element[]::new));
  }

  /** Four digits, however large the number is. */
  private static String number(double value) {
    int whole = (int) Math.max(1, Math.floor(Math.log10(Math.max(value, 1e-9))) + 1);
    return Show.number(value, Math.clamp(4 - whole, 0, 3));
  }
}
