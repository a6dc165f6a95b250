package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** The rule that puts the branch that is always taken in place of an If. */
final class Branches {
  private Branches() {}

  static boolean inlineIf(Node node, Types types) {
    Tensor condition = node.is("If") ? types.tensor(node.input(0)) : null;
    if (condition == null) {
      return false;
    }
    Graph taken = new Call(node).graph(Elements.longs(condition)[0] != 0 ? "then_branch" : "else_branch");
    if (taken.outputs().size() < node.outputs().size()) {
      return false;
    }
    String prefix = node.name().isEmpty() ? "" : node.name() + "/";
    Rewiring.replace(node, Transplant.before(node, taken, List.of(), prefix, a -> a));
    return true;
  }
}
