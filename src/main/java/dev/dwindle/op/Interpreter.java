package dev.dwindle.op;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a graph node by node with the plain meanings: slow, simple, and right by definition. */
public final class Interpreter {
  private final Map<Value, Tensor> tensors = new HashMap<>();
  private final Interpreter outer;

  private Interpreter(Interpreter outer) {
    this.outer = outer;
  }

  /**
   * The outputs of a graph, in order.
   *
   * @param inputs by name; all {@link Graph#requiredInputs()} must be there
   */
  public static List<Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    List<Tensor> ordered = new ArrayList<>();
    for (Value input : graph.inputs()) {
      Tensor given = inputs.get(input.name());
      if (given == null && !input.isConstant()) {
        throw new InvalidInputException("input '" + input.name() + "': missing, expected a " + input.type());
      }
      ordered.add(given == null ? input.tensor() : given);
    }
    return new Interpreter(null).run(graph, ordered);
  }

  private List<Tensor> run(Graph graph, List<Tensor> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      tensors.put(graph.inputs().get(i), inputs.get(i));
    }
    for (Node node : graph.nodes()) {
      List<Tensor> results = evaluate(node);
      for (int i = 0; i < node.outputs().size(); i++) {
        if (node.output(i) != null) {
          tensors.put(node.output(i), results.get(i));
        }
      }
    }
    return graph.outputs().stream().map(this::tensor).toList();
  }

  private List<Tensor> evaluate(Node node) {
    Operator operator = Ops.find(node);
    if (operator == null) {
      throw new InvalidInputException(node.label() + ": version " + node.version() + " of this operator is not known");
    }
    List<Tensor> inputs = new ArrayList<>();
    for (Value input : node.inputs()) {
      inputs.add(input == null ? null : tensor(input));
    }
    return operator.evaluate(
        new Evaluation(node, inputs, (body, given) -> new Interpreter(this).run(body, given)));
  }

  private Tensor tensor(Value value) {
    if (value.isConstant() && !tensors.containsKey(value)) {
      return value.tensor();
    }
    for (Interpreter scope = this; scope != null; scope = scope.outer) {
      Tensor found = scope.tensors.get(value);
      if (found != null) {
        return found;
      }
    }
    throw new InvalidInputException("value '" + value.name() + "': read before it is made; the graph is not in order");
  }
}
