package dev.dwindle.report.html;

import dev.dwindle.report.Warnings;
import dev.dwindle.result.Decision;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report as one page that holds all it needs: the verdict first, then the figures, then how they came about. */
public final class HtmlReport {
  private HtmlReport() {}

  /** The page. */
  public static String of(JobResult result) {
    Element page = Element.of("main", "", header(result), Tile.row(result), conditions(result),
        warnings(Warnings.of(result)), GateSection.of(result),
        Section.of("figures", "Figures", ComparisonTable.of(result)), LatencyChart.section(result),
        LayerSection.of(result.layers(), layersOn(result)), StepSection.of(result.latency()),
        DecisionSection.of(result.decisions()),
        PassSection.passes(result.passes()),
        PassSection.skipped(result.passes()),
        OriginSection.of(result));
    return Page.of(title(result), page);
  }

  private static String title(JobResult result) {
    return Show.fileName(result.compressed().path()) + ": " + Show.sentence(result.verdict());
  }

  private static Element header(JobResult result) {
    String[] verdict = verdict(result);
    String word = verdict[0].toLowerCase(Locale.ROOT);
    Element files = Element.of("p", "files", Element.of("span", "name", Show.fileName(result.original().path())),
        Element.of("span", "arrow", " → "), Element.of("span", "name", Show.fileName(result.compressed().path())));
    Element heading = Element.of("h1", "", Element.of("span", "status " + word.replace(' ', '-'), word),
        Element.of("span", "", verdict.length > 1 ? " " + Show.sentence(verdict[1]) : ""));
    return Element.of("header", "", files, heading).add(GateSection.breaches(result));
  }

  /** The word and the sentence that stand at the top: of several devices, what is said of each stands with its figures below. */
  private static String[] verdict(JobResult result) {
    String[] verdict = result.verdict().split(": ", 2);
    if (result.devices().isEmpty()) return verdict;
    String devices = String.join(", ", result.devices().stream().map(DeviceResult::device).toList());
    return new String[] {verdict[0], verdict[1].split("; ", 2)[0] + ", measured on " + devices};
  }

  /** The device whose layers are shown, where there are several; else empty. */
  private static String layersOn(JobResult result) {
    return result.byDevice().size() == 1 || result.latency() == null ? "" : " on " + result.latency().device();
  }

  /** On what the figures at the top were measured. */
  private static Element conditions(JobResult result) {
    List<String> sentences = new ArrayList<>();
    if (!result.accuracy().isEmpty()) {
      sentences.add(String.format(Locale.ROOT, "Accuracy on %,d samples of the evaluation part%s, the change paired.",
          result.accuracy().getFirst().samples(),
          Decision.byAccuracy(result.decisions()) ? " that no choice was made on" : ""));
    }
    for (DeviceResult device : result.byDevice()) {
      Latency l = device.latency();
      if (l == null) continue;
      String threads = l.threads() == 1 ? "1 thread" : l.threads() == 0 ? "all cores" : l.threads() + " threads";
      sentences.add(String.format(Locale.ROOT,
          "Latency on %s (%s, %s), %s: %,d runs of each model in turn, after %d and %d to warm up.", l.device(),
          l.precision(), threads, l.shapes(), l.original().runs(), l.original().warmup(), l.compressed().warmup()));
    }
    if (sentences.isEmpty()) sentences.add("Nothing was measured: the file was written and its size compared.");
    return Element.of("p", "conditions", String.join(" ", sentences));
  }

  /** Null where there are none. */
  static Element warnings(List<String> warnings) {
    if (warnings.isEmpty()) return null;
    Element list = Element.of("ul", "warnings").with("aria-label", "Warnings");
    warnings.forEach(w -> list.add(Element.of("li", "", Show.sentence(w))));
    return list;
  }
}
