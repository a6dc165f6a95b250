package dev.dwindle.train;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where in a graph numbers stop being finite. */
final class Overflow {
  private Overflow() {}

  /** The first input or node whose value is not finite, as messages name it. */
  static String find(Model model, Map<String, Tensor> inputs, Backend backend, CompileOptions options) {
    for (Map.Entry<String, Tensor> each : inputs.entrySet()) {
      if (!Trainer.isFinite(each.getValue())) return "'" + each.getKey() + "'";
    }
    Model copy = model.copy();
    Graph graph = copy.graph();
    List<Node> nodes = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Node node : graph.nodes()) {
      for (Value output : node.outputs()) {
        if (output == null) continue;
        if (!output.isGraphOutput()) graph.addOutput(output);
        nodes.add(node);
        names.add(output.name());
      }
    }
    try (Executable executable = backend.compile(graph, options); Bound bound = executable.bind()) {
      graph.requiredInputs().forEach(input -> bound.set(input.name(), inputs.get(input.name())));
      bound.run();
      Map<String, Tensor> outputs = bound.outputs();
      for (int i = 0; i < names.size(); i++) {
        if (!Trainer.isFinite(outputs.get(names.get(i)))) return nodes.get(i).label();
      }
    }
    return "a step that cannot be told apart";
  }
}
