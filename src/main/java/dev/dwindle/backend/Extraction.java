package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Some nodes of a main graph as a graph of their own. */
public final class Extraction {
  private Extraction() {}

  /**
   * A copy in which what other nodes make is an input, of the type that the value has, or a constant where it is known: what is an axis or a shape
   * must not become one that nobody knows.
   *
   * @param wanted names of the values that are its outputs
   * @param known what is known ahead of a value of this name, or null
   */
  public static Graph of(Model model, Collection<Node> nodes, List<String> wanted, Function<String, Tensor> known) {
    Set<String> made = new HashSet<>();
    nodes.forEach(n -> n.outputs().stream().filter(v -> v != null).forEach(v -> made.add(v.name())));
    Graph graph = model.copy().graph();
    graph.retainOutputs(List.of());
    for (Node node : graph.nodes()) {
      for (Value output : node.outputs()) {
        if (output != null && !made.contains(output.name()) && !output.uses().isEmpty()) {
          replace(output, graph, known.apply(output.name()));
        }
      }
    }
    wanted.forEach(name -> graph.addOutput(graph.value(name)));
    graph.removeDead();
    for (Value input : List.copyOf(graph.inputs())) {
      if (input.isUnused() && !input.isConstant()) {
        graph.removeInput(input);
      }
    }
    return graph;
  }

  private static void replace(Value value, Graph graph, Tensor known) {
    String name = value.name();
    ValueType type = value.type();
    graph.rename(value, graph.freshName(name + "_made"));
    if (known != null) {
      graph.replaceUses(value, graph.addConstant(name, known));
      return;
    }
    Value input = graph.addValue(name, type);
    graph.addInput(input);
    graph.replaceUses(value, input);
  }
}
