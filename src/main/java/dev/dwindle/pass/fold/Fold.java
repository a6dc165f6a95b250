package dev.dwindle.pass.fold;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Ops;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Settings;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.IrVersions;
import dev.dwindle.rewrite.Simplification;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code fold}: inlines the file's functions and simplifies the graph. The outputs stay the same up to the rounding of
 * folded weights; names of inputs and outputs and symbolic dimensions stay.
 */
public final class Fold implements Pass {
  @Override
  public String name() {
    return "fold";
  }

  @Override
  public Settings.Schema settings() {
    return Settings.Schema.of();
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    int before = count(graph);
    int inlined = Inlining.inline(graph.model());
    Map<String, Integer> rules = Simplification.simplify(graph);
    // Before IR 4 every initializer had to be listed as an input, which constants made here are not.
    graph.model().setIrVersion(Math.max(graph.model().irVersion(), IrVersions.FIRST_WITH_FREE_INITIALIZERS));
    Map<String, String> figures = new LinkedHashMap<>();
    if (inlined > 0) {
      figures.put("functions inlined", Integer.toString(inlined));
    }
    rules.forEach((rule, times) -> figures.put(rule, Integer.toString(times)));
    Map<String, String> skipped = new LinkedHashMap<>();
    skipped(graph, skipped);
    String summary = before + " nodes became " + count(graph);
    return new PassResult(name(), summary, Map.of(), skipped, figures);
  }

  /** Nodes that the pass does not understand. */
  private static void skipped(Graph graph, Map<String, String> skipped) {
    for (Node node : graph.nodes()) {
      if (Ops.find(node) == null) {
        skipped.put(node.label(), "left alone: version " + node.version() + " of this operator is not known");
      }
      node.subgraphs().forEach(g -> skipped(g, skipped));
    }
  }

  private static int count(Graph graph) {
    return graph.nodes().stream()
        .mapToInt(n -> 1 + n.subgraphs().stream().mapToInt(Fold::count).sum()).sum();
  }
}
