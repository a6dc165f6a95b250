package dev.dwindle.backend.onnxruntime;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Decomposition;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.IrVersions;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes of a graph the model that ONNX Runtime reads. It is the graph that the user would give it, so that what is measured is
 * what will be deployed, but for: the shapes asked for, functions inlined, composites that it lacks in pieces, a name for each
 * node, and no types of values inside, which it infers itself.
 */
final class Preparation {
  private Preparation() {}

  /**
   * A copy of a main graph for these shapes of its inputs.
   *
   * @param lacks whether ONNX Runtime has no kernel for a node
   * @throws InvalidInputException where a shape does not fit the declared one
   */
  static Model of(Graph graph, Map<String, Shape> shapes, Predicate<Node> lacks) {
    if (graph != graph.model().graph()) {
      throw new InvalidInputException("compile: found a subgraph, expected the main graph of a model");
    }
    Model model = graph.model().copy();
    Inlining.inline(model);
    Graph copy = model.graph();
    ShapeInference.of(copy, shapes).store();
    Decomposition.decompose(copy, lacks);
    nameNodes(copy);
    passDoors(copy);
    leaveTypesToOnnxRuntime(copy, shapes);
    model.opsets().keySet().removeIf(domain -> !domain.isEmpty() && !uses(copy, domain));
    model.setIrVersion(Math.min(model.irVersion(), IrVersions.lowest(Capability.NEWEST_OPSET)));
    return model;
  }

  /** By the first output, as elsewhere: what is measured for each node then names it. */
  private static void nameNodes(Graph graph) {
    for (Node node : graph.nodes()) {
      if (node.name().isEmpty()) {
        node.outputs().stream().filter(v -> v != null).findFirst().ifPresent(v -> node.setName(v.name()));
      }
    }
  }

  /** Inputs and outputs of types that pass the door only as others get a Cast. */
  private static void passDoors(Graph graph) {
    for (Value input : List.copyOf(graph.requiredInputs())) {
      if (needsCast(input)) {
        DType inside = input.tensorType().dtype();
        input.setType(input.tensorType().with(ElementTypes.door(inside)));
        List<Use> uses = List.copyOf(input.uses());
        Value cast = cast(graph, input, inside, true);
        uses.forEach(use -> use.node().setInput(use.index(), cast));
      }
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value output = graph.outputs().get(i);
      if (needsCast(output)) {
        String name = output.name();
        graph.rename(output, graph.freshName(name + "_inside"));
        Value cast = cast(graph, output, ElementTypes.door(output.tensorType().dtype()), false);
        graph.setOutput(i, cast);
        graph.rename(cast, name);
      }
    }
  }

  private static boolean needsCast(Value value) {
    return value.tensorType() != null && ElementTypes.needsCast(value.tensorType().dtype());
  }

  private static Value cast(Graph graph, Value value, DType to, boolean first) {
    var cast = graph.node("Cast").in(value).out(value.name() + "_cast", value.tensorType().with(to))
        .attribute(Attribute.of("to", to.code()));
    return (first && !graph.nodes().isEmpty() ? cast.before(graph.nodes().getFirst()) : cast.append()).output();
  }

  private static void leaveTypesToOnnxRuntime(Graph graph, Map<String, Shape> shapes) {
    for (Value value : graph.values()) {
      if (value.producer() != null && value.tensorType() != null) {
        DType type = value.tensorType().dtype();
        value.setType(value.isGraphOutput() && type != null ? TensorType.unranked(type) : null);
      }
    }
    shapes.forEach((name, shape) -> {
      Value input = graph.value(name);
      input.setType(TensorType.of(input.tensorType().dtype(), shape));
    });
  }

  private static boolean uses(Graph graph, String domain) {
    return graph.nodes().stream().anyMatch(
        n -> n.domain().equals(domain) || n.subgraphs().stream().anyMatch(g -> uses(g, domain)));
  }
}
