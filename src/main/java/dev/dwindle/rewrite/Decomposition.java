package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Expansion;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import java.util.List;
import java.util.function.Predicate;

/** Puts simpler operators in place of composites, as far as they say how. */
public final class Decomposition {
  private Decomposition() {}

  /**
   * Decomposes the chosen nodes of a graph and its subgraphs, and what comes out of them, until no chosen node has a
   * decomposition left. Types should have been stored before: some composites need the rank of an input. A graph of an
   * operator set before {@link OpsetLift#OLDEST}, whose arithmetic does not broadcast, stays as it is.
   *
   * @return how many nodes were replaced
   */
  public static int decompose(Graph graph, Predicate<Node> chosen) {
    if (graph.opset("") < OpsetLift.OLDEST) {
      return 0;
    }
    int replaced = 0;
    int again;
    do {
      again = 0;
      for (Node node : List.copyOf(graph.nodes())) {
        if (chosen.test(node) && decompose(node)) {
          again++;
        } else {
          for (Graph sub : node.subgraphs()) {
            replaced += decompose(sub, chosen);
          }
        }
      }
      replaced += again;
      if (again > 0) {
        ShapeInference.of(root(graph)).store();
      }
    } while (again > 0);
    return replaced;
  }

  private static boolean decompose(Node node) {
    Operator operator = Ops.find(node);
    List<Value> results = operator == null ? null : operator.decompose(new Expansion(node));
    if (results == null) {
      return false;
    }
    Rewiring.replace(node, results);
    return true;
  }

  private static Graph root(Graph graph) {
    return graph.owner() == null ? graph : root(graph.owner().graph());
  }
}
