package dev.dwindle.report.html;

import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was asked for, with the two values that agree or disagree. */
final class GateSection {
  private GateSection() {}

  /** Null where nothing was asked for. */
  static Element of(JobResult result) {
    List<Element> rows = new ArrayList<>();
    for (DeviceResult device : result.byDevice()) {
      device.gates().forEach(gate -> rows.add(row(gate, Show.oneOf(result, device))));
    }
    if (rows.isEmpty()) return null;
    Element head = Table.row("", Table.column("", "Gate"), Table.column("", "Found"),
        Table.column("", "Expected at most"), Table.column("", "Outcome"));
    return Section.of("gates", "Gates", Table.of("gates", "Gates and their outcomes", head, rows));
  }

  /** Each gate that does not hold in one sentence, to stand below the verdict. */
  static List<Element> breaches(JobResult result) {
    List<Element> breaches = new ArrayList<>();
    for (DeviceResult device : result.byDevice()) {
      String name = Show.oneOf(result, device);
      device.gates().stream().filter(gate -> gate.outcome() != Gate.Outcome.PASSED)
          .forEach(gate -> breaches.add(breach(gate, name.isEmpty() ? "" : "On " + name + ", ")));
    }
    return breaches;
  }

  private static Element breach(Gate gate, String where) {
    return Element.of("p", "breach " + outcome(gate), where + gate.name() + " is " + Show.sentence(gate.found())
        + ", expected at most " + gate.expected() + (gate.remark().isEmpty() ? "" : ": " + gate.remark()));
  }

  static String outcome(Gate gate) {
    return gate.outcome().name().toLowerCase(Locale.ROOT);
  }

  private static Element row(Gate gate, String device) {
    String outcome = outcome(gate);
    return Table.row(outcome, Table.head("").text(gate.name()).add(Show.below(device)),
        Table.cell("", Show.sentence(gate.found())).with("data-title", "found"),
        Table.cell("", gate.expected()).with("data-title", "expected at most"),
        Table.cell("outcome", Element.of("strong", "", outcome))
            .add(gate.remark().isEmpty() ? null : Element.of("span", "below", gate.remark())));
  }
}
