package dev.dwindle.measure;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which values of a graph depend on its constants alone, and their numbers by the plain meaning: weights as they are computed with. */
final class ConstantValues {
  private final Set<Value> known = new HashSet<>();

  ConstantValues(Graph graph) {
    for (Node node : graph.nodes()) {
      Operator operator = Ops.find(node);
      boolean computable = operator != null && !operator.isRandom() && node.subgraphs().isEmpty()
          && (node.is("Constant") || !node.inputs().isEmpty());
      if (computable && node.inputs().stream().allMatch(v -> v == null || contains(v))) known.addAll(node.outputs());
    }
  }

  boolean contains(Value value) {
    return value.isConstant() || known.contains(value);
  }

  /** The numbers of a value that is contained. */
  Tensor tensor(Value value) {
    if (value == null || value.isConstant()) return value == null ? null : value.tensor();
    Node node = value.producer();
    List<Tensor> inputs = new ArrayList<>();
    node.inputs().forEach(v -> inputs.add(tensor(v)));
    return Ops.find(node).evaluate(new Evaluation(node, inputs, (body, given) -> List.of()))
        .get(node.outputs().indexOf(value));
  }

  /** The constants that stand in the file and of which a contained value is made. */
  List<Tensor> stored(Value value) {
    if (value.isConstant()) return List.of(value.tensor());
    if (value.producer().inputs().isEmpty()) return List.of(tensor(value));
    return value.producer().inputs().stream().filter(v -> v != null).flatMap(v -> stored(v).stream()).toList();
  }
}
