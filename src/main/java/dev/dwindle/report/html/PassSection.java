package dev.dwindle.report.html;

import dev.dwindle.result.PassResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What each pass did, and what was left alone, by reason. */
final class PassSection {
  private PassSection() {}

  /** The passes in their order; null where none ran. */
  static Element passes(List<PassResult> passes) {
    if (passes.isEmpty()) return null;
    Element list = Element.of("ol", "passes");
    for (PassResult pass : passes) {
      Element item = Element.of("li", "", Element.of("h3", "", pass.pass()),
          Element.of("p", "", Show.sentence(pass.summary())));
      Element figures = Element.of("dl", "facts");
      pass.figures().forEach((name, value) -> {
        if (!name.equals("warning")) figures.add(Facts.fact(name, value));
      });
      list.add(item.add(pass.figures().isEmpty() ? null : figures).add(TrainingChart.of(pass.curves())));
    }
    return Section.of("passes", "What was done", list);
  }

  /** Nodes that passes left alone; null where there are none. */
  static Element skipped(List<PassResult> passes) {
    Element list = Element.of("div", "reasons");
    int nodes = 0;
    for (PassResult pass : passes) {
      for (Map.Entry<String, List<String>> reason : byReason(pass).entrySet()) {
        list.add(reason(pass.pass(), reason.getKey(), reason.getValue()));
        nodes += reason.getValue().size();
      }
    }
    return nodes == 0 ? null : Section.of("skipped", "What was left alone, and why", list);
  }

  private static Map<String, List<String>> byReason(PassResult pass) {
    Map<String, List<String>> nodes = new LinkedHashMap<>();
    pass.skipped().forEach((node, reason) -> nodes.computeIfAbsent(reason, r -> new ArrayList<>()).add(node));
    return nodes;
  }

  private static Element reason(String pass, String reason, List<String> nodes) {
    Element list = Element.of("ul", "nodes");
    nodes.forEach(node -> list.add(Element.of("li", "", node)));
    String count = nodes.size() == 1 ? "1 node" : nodes.size() + " nodes";
    Element summary = Element.of("summary", "", Element.of("span", "reason", reason),
        Element.of("span", "count", count + ", pass " + pass));
    Element details = Element.of("details", "", summary, list);
    return nodes.size() <= 8 ? details.with("open", "") : details;
  }
}
