package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Evaluation;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs the body of a Loop, Scan or If node by node where its shapes may change from one pass to the next. */
final class BodyInterpreter implements Evaluation.Subgraphs {
  private final Function<Value, Tensor> around;

  /** @param around finds the values of the graphs around the body; null for a value that is not there */
  BodyInterpreter(Function<Value, Tensor> around) {
    this.around = around;
  }

  @Override
  public List<Tensor> run(Graph body, List<Tensor> inputs) {
    Map<Value, Tensor> tensors = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      tensors.put(body.inputs().get(i), inputs.get(i));
    }
    for (Node node : body.nodes()) {
      Interrupts.check();
      List<Tensor> given = new ArrayList<>();
      for (Value input : node.inputs()) {
        given.add(input == null ? null : find(input, tensors));
      }
      List<Tensor> results = Operators.of(node)
          .evaluate(new Evaluation(node, given, new BodyInterpreter(v -> find(v, tensors))));
      for (int i = 0; i < node.outputs().size(); i++) {
        if (node.output(i) != null) {
          tensors.put(node.output(i), results.get(i));
        }
      }
    }
    return body.outputs().stream().map(v -> find(v, tensors)).toList();
  }

  private Tensor find(Value value, Map<Value, Tensor> tensors) {
    if (tensors.containsKey(value)) {
      return tensors.get(value);
    }
    return value.isConstant() ? value.tensor() : around.apply(value);
  }
}
