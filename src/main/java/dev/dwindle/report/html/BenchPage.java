package dev.dwindle.report.html;

import dev.dwindle.report.BenchWords;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.BenchResult.Rematch;
import dev.dwindle.result.BenchResult.Versus;
import dev.dwindle.result.ServerRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** What {@code bench} measured as one page that holds all it needs. Models are called A, B, C ... in the order of the command line. */
public final class BenchPage {
  private BenchPage() {}

  /** The page. */
  public static String of(BenchResult result) {
    Element page = Element.of("main", "", header(result), BenchTiles.row(result),
        Element.of("p", "conditions", conditions(result)), HtmlReport.warnings(result.warnings()),
        Section.of("figures", "Figures", BenchTable.of(result), rematch(result)),
        LatencyChart.section("Latency of single " + (result.setting().samples() > 1 ? "queries" : "runs"),
            series(result)),
        StepSection.of(result), machine(result));
    return Page.of(Show.fileName(result.models().getFirst().model()) + ": " + headline(result), page);
  }

  private static Element header(BenchResult result) {
    Element files = Element.of("p", "files");
    for (Entry entry : result.models()) {
      files.text(files(result, entry));
      files.add(Element.of("span", "name", Show.fileName(entry.model())));
    }
    return Element.of("header", "", files, Element.of("h1", "", Element.of("span", "", headline(result))));
  }

  private static String files(BenchResult result, Entry entry) {
    int at = result.models().indexOf(entry);
    return (at == 0 ? "" : "  ") + (result.models().size() == 1 ? "" : letter(at) + " ");
  }

  /** {@code A}, {@code B}, ... and numbers once letters are used up. */
  static String letter(int index) {
    return index < 26 ? String.valueOf((char) ('A' + index)) : Integer.toString(index + 1);
  }

  /** The name of a model in charts and tables. */
  static String name(BenchResult result, int index) {
    String file = Show.fileName(result.models().get(index).model());
    return result.models().size() == 1 ? file : letter(index) + " " + file;
  }

  private static String headline(BenchResult result) {
    List<Entry> models = result.models();
    Entry first = models.getFirst();
    if (first.server() != null) return served(result);
    if (models.size() == 1) {
      return "Median " + Show.millis(first.timing().median().value()) + ", "
          + Show.number(first.throughput().value(), 0) + " samples a second";
    }
    if (models.size() == 2) return capital(beside(models.get(1).versus()));
    if (result.rematch() != null) return letter(best(result)) + ": " + beside(result.rematch().versus());
    return "None of " + models.size() + " models did better than A";
  }

  private static String served(BenchResult result) {
    ServerRate rate = result.models().getFirst().server();
    String who = result.models().size() == 1 ? "" : "A: ";
    return rate.rate() == 0 ? capital(who + rate.remark())
        : who + Show.number(rate.rate(), 1) + " requests a second within " + Show.number(rate.boundMillis(), 1)
            + "\u00a0ms";
  }

  private static int best(BenchResult result) {
    return IntStream.range(0, result.models().size())
        .filter(i -> result.models().get(i).model().equals(result.rematch().model())).findFirst().orElse(0);
  }

  private static String beside(Versus versus) {
    return versus.verdict().equals("not told apart") ? "not told apart in speed"
        : versus.verdict() + ", " + Show.times(versus.speedup().value()) + " as fast as A";
  }

  private static String capital(String sentence) {
    return sentence.isEmpty() ? "" : sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
  }

  private static String conditions(BenchResult result) {
    String runs = result.models().stream().filter(m -> m.timing() != null).findFirst()
        .map(m -> String.format(Locale.ROOT, " %,d counted runs of each model after %,d to warm up.", m.timing().runs(),
            m.timing().warmup()))
        .orElse("");
    return capital(BenchWords.scenario(result)) + ". On " + result.device() + " (" + result.precision() + ", "
        + BenchWords.threads(result) + "): " + result.models().getFirst().shapes() + "."
        + (result.models().getFirst().server() == null ? runs : "");
  }

  private static List<LatencyChart.Series> series(BenchResult result) {
    List<LatencyChart.Series> series = new ArrayList<>();
    for (int i = 0; i < result.models().size(); i++) {
      Entry entry = result.models().get(i);
      String cssClass = i == 0 ? "original" : "compressed";
      if (entry.timing() != null) series.add(new LatencyChart.Series(cssClass, name(result, i), entry.timing()));
    }
    return series;
  }

  private static Element rematch(BenchResult result) {
    Rematch rematch = result.rematch();
    if (rematch == null) return null;
    return Section.note("The best of " + result.models().size() + ", " + letter(best(result))
        + ", looks better than it is. Measured once more beside A, in fresh runs, it is "
        + Show.times(rematch.versus().speedup().value()) + " as fast (" + Show.timesInterval(rematch.versus().speedup())
        + "), " + rematch.versus().verdict() + ".");
  }

  private static Element machine(BenchResult result) {
    Element facts = Element.of("dl", "facts");
    BenchWords.machine(result).forEach((name, value) -> facts.add(Facts.fact(name, value)));
    facts.add(Facts.fact("warm-up", Show.number(result.setting().warmUpSeconds(), 1) + "\u00a0s, "
        + (result.setting().steady() ? "until steady" : "not steady by then")),
        Facts.fact("seed", Long.toString(result.setting().seed())));
    Element during = Element.of("div", "group", Element.of("h3", "", "During the measurement"), facts);
    return Section.of("origin", "The machine",
        Element.of("div", "columns", during, OriginSection.machine(result.machine())));
  }
}
