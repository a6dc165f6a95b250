package dev.dwindle.pass.prune;

import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.PassContext;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Cost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What is told of structured pruning. */
final class NarrowResult {
  private final Map<String, String> figures = new LinkedHashMap<>();
  private final Map<String, String> changed = new LinkedHashMap<>();
  private final Map<String, String> skipped = new LinkedHashMap<>();
  private String cost;

  Map<String, String> figures() {
    return figures;
  }

  void skipped(Node layer, String why) {
    skipped.put(layer.label(), why);
  }

  /** The costs of a group's widths; NaN for those that cost no less than a wider one. */
  void stairs(List<Node> makers, int size, List<Integer> widths, List<Double> costs) {
    StringBuilder text = new StringBuilder().append(size).append(": 1");
    for (int i = 0; i < widths.size(); i++) {
      if (!costs.get(i).isNaN()) {
        text.append(String.format(Locale.ROOT, ", %d: %.3f", widths.get(i), costs.get(i)));
      }
    }
    boolean none = costs.stream().allMatch(cost -> cost.isNaN());
    if (none) makers.forEach(node -> skipped.put(node.label(), "with fewer channels the model costs no less"));
    String names = makers.stream().map(Node::label).collect(Collectors.joining(", "));
    figures.put("cost by channels of " + names, none ? text + "; no width costs less" : text.toString());
  }

  /** The cost of the model as it becomes. */
  void cost(PassContext context, Estimate share) {
    boolean measured = context.settings().word("budget_of").equals("latency");
    cost = measured
        ? String.format(Locale.ROOT, "%.3f [%.3f, %.3f] of its latency on %s", share.value(), share.low(), share.high(),
            context.backend().name())
        : String.format(Locale.ROOT, "%.3f of its %s", share.value(),
            context.settings().word("budget_of").replace('_', '-'));
    figures.put("cost", cost);
  }

  /** What became of each layer. */
  void tell(Model before, Model after, ChannelPruning pruning, Cut cut) {
    cut.widths().forEach((group, width) -> {
      String words = width + " of " + pruning.groups().get(group).size() + " channels";
      pruning.makers(group).forEach(node -> changed.merge(node.label(), words, (a, b) -> a + " and " + b));
    });
    for (int block : cut.dropped()) {
      for (String label : pruning.blocks().get(block).branch()) changed.put(label, "gone with its block");
    }
    figures.put("multiply-adds", counts(Cost.multiplyAdds(before), Cost.multiplyAdds(after)));
    figures.put("parameters", counts(Cost.parameters(before), Cost.parameters(after)));
    if (!cut.dropped().isEmpty()) {
      figures.put("blocks", cut.dropped().size() + " of " + pruning.blocks().size() + " are gone: "
          + cut.dropped().stream().map(block -> pruning.blocks().get(block).name()).collect(Collectors.joining(", ")));
    }
  }

  private static String counts(long before, long after) {
    return String.format(Locale.ROOT, "%,d of %,d (%.1f %%)", after, before, 100.0 * after / before);
  }

  PassResult of(String pass) {
    return new PassResult(pass, "a narrower model, " + cost, changed, skipped, figures);
  }
}
