package dev.dwindle.report.html;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.BenchResult.Step;
import java.util.ArrayList;
import java.util.List;

/** The slowest steps of each model, where they were asked for. */
final class StepSection {
  private static final int MOST = 30;

  private StepSection() {}

  /** Null where no step was timed. */
  static Element of(BenchResult result) {
    List<Element> tables = new ArrayList<>();
    for (int i = 0; i < result.models().size(); i++) {
      if (!result.models().get(i).nodes().isEmpty())
        tables.add(table(BenchPage.name(result, i), result.models().get(i)));
    }
    if (tables.isEmpty()) return null;
    return Section.of("steps", "Steps", Section.note(
        "The median time of each step over 20 further runs, at most " + MOST
            + " steps of a model; profiling adds overhead."))
        .add(tables);
  }

  private static Element table(String name, Entry entry) {
    double sum = entry.nodes().stream().mapToDouble(Step::millis).sum();
    Element head = Table.row("", Table.column("", name), Table.column("", "Kernel"), Table.column("number", "Time"),
        Table.column("number", "Share"));
    List<Element> rows = entry.nodes().stream().limit(MOST).map(step -> Table.row("",
        Table.head("", Element.of("span", "name", String.join(" + ", step.nodes()))), Table.cell("", step.kernel()),
        Table.cell("number", Show.number(step.millis(), 4) + "\u00a0ms"),
        Table.cell("number", Show.number(100 * step.millis() / sum, 1) + "\u00a0%"))).toList();
    return Table.of("figures", "Steps of " + name, head, rows);
  }
}
