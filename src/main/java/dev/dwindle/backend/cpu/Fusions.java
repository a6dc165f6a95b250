package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import java.util.List;

/** All fusions, in the order in which they are tried at each node. */
final class Fusions {
  private static final List<Fusion> ALL = List.of(
      new RoundTripFusion(),
      new BiasFusion(),
      new GeluFusion(),
      new SwishFusion(),
      new RmsNormFusion(),
      new ResidualFusion(),
      new ActivationFusion(),
      new ScoreFusion());

  private Fusions() {}

  /** Applies the rules until none applies; of subgraphs in those that are planned, for others know no fused nodes. */
  static void apply(Graph graph) {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Node node : List.copyOf(graph.nodes())) {
        if (Planner.isPlannedInside(node)) {
          node.subgraphs().forEach(Fusions::apply);
        }
        changed |= apply(node);
      }
      graph.removeDead();
    }
  }

  private static boolean apply(Node node) {
    // A node that an earlier rule has removed makes nothing any more.
    if (node.outputs().isEmpty() || node.output() == null || node.output().producer() != node) {
      return false;
    }
    for (Fusion fusion : ALL) {
      if (fusion.apply(node)) {
        return true;
      }
    }
    return false;
  }
}
