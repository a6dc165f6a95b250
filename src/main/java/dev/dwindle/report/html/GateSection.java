package dev.dwindle.report.html;

import dev.dwindle.result.Gate;
import java.util.List;
import java.util.Locale;

/** What was asked for, with the two values that agree or disagree. */
final class GateSection {
  private GateSection() {}

  /** Null where nothing was asked for. */
  static Element of(List<Gate> gates) {
    if (gates.isEmpty()) return null;
    Element head = Table.row("", Table.column("", "Gate"), Table.column("", "Found"),
        Table.column("", "Expected at most"), Table.column("", "Outcome"));
    return Section.of("gates", "Gates", Table.of("gates", "Gates and their outcomes", head,
        gates.stream().map(GateSection::row).toList()));
  }

  /** Each gate that does not hold in one sentence, to stand below the verdict. */
  static List<Element> breaches(List<Gate> gates) {
    return gates.stream().filter(gate -> gate.outcome() != Gate.Outcome.PASSED)
        .map(gate -> Element.of("p", "breach " + outcome(gate), gate.name() + " is " + Show.sentence(gate.found())
            + ", expected at most " + gate.expected() + (gate.remark().isEmpty() ? "" : ": " + gate.remark())))
        .toList();
  }

  private static String outcome(Gate gate) {
    return gate.outcome().name().toLowerCase(Locale.ROOT);
  }

  private static Element row(Gate gate) {
    String outcome = outcome(gate);
    return Table.row(outcome, Table.head("").text(gate.name()),
        Table.cell("", Show.sentence(gate.found())).with("data-title", "found"),
        Table.cell("", gate.expected()).with("data-title", "expected at most"),
        Table.cell("outcome", Element.of("strong", "", outcome))
            .add(gate.remark().isEmpty() ? null : Element.of("span", "below", gate.remark())));
  }
}
