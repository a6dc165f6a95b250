package dev.dwindle.report.html;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Step;
import dev.dwindle.result.Latency;
import java.util.ArrayList;
import java.util.List;

/** The slowest steps of each model, where they were asked for. */
final class StepSection {
  private static final int MOST = 30;

  private StepSection() {}

  /** What the compressed model is on the device; null where no step was timed. */
  static Element of(Latency latency) {
    if (latency == null || latency.steps().isEmpty()) return null;
    return Section.of("steps", "Steps on " + latency.device(), Section.note(
        "What the device makes of the compressed model: the median time of each step over up to 20 further runs, at most "
            + MOST + " steps; profiling adds overhead."))
        .add(table("the compressed model", latency.steps()));
  }

  /** Null where no step was timed. */
  static Element of(BenchResult result) {
    List<Element> tables = new ArrayList<>();
    for (int i = 0; i < result.models().size(); i++) {
      if (!result.models().get(i).nodes().isEmpty())
        tables.add(table(BenchPage.name(result, i), result.models().get(i).nodes()));
    }
    if (tables.isEmpty()) return null;
    return Section.of("steps", "Steps", Section.note(
        "The median time of each step over up to 20 further runs, at most " + MOST
            + " steps of a model; profiling adds overhead."))
        .add(tables);
  }

  private static Element table(String name, List<Step> steps) {
    double sum = steps.stream().mapToDouble(Step::millis).sum();
    Element head = Table.row("", Table.column("", name), Table.column("", "Kernel"), Table.column("number", "Time"),
        Table.column("number", "Share"));
    List<Element> rows = steps.stream().limit(MOST).map(step -> Table.row("",
        Table.head("", Element.of("span", "name", String.join(" + ", step.nodes()))), Table.cell("", step.kernel()),
        Table.cell("number", Show.number(step.millis(), 4) + "\u00a0ms"),
        Table.cell("number", Show.number(100 * step.millis() / sum, 1) + "\u00a0%"))).toList();
    return Table.of("figures", "Steps of " + name, head, rows);
  }
}
