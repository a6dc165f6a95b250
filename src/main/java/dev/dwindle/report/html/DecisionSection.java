package dev.dwindle.report.html;

import dev.dwindle.result.Decision;
import java.util.List;

/** What was chosen by measuring, with the figures that each choice rests on. */
final class DecisionSection {
  private DecisionSection() {}

  /** The choices in their order; null where there were none. */
  static Element of(List<Decision> decisions) {
    if (decisions.isEmpty()) return null;
    Element list = Element.of("ol", "passes");
    for (Decision decision : decisions) {
      Element layers = Element.of("ul", "nodes");
      decision.layers().forEach(layer -> layers.add(Element.of("li", "", layer)));
      list.add(Element.of("li", "", Element.of("h3", "", decision.rule() + ": " + decision.choice()),
          Element.of("p", "", Show.sentence(decision.reason())), decision.layers().isEmpty() ? null : layers));
    }
    return Section.of("decisions", "What was chosen by measuring", list);
  }
}
