package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Copies the contents of a subgraph into the graph of the node that owns it, before that node. */
final class Transplant {
  private final Node place;
  private final Map<Value, Value> twins = new HashMap<>();

  Transplant(Node place) {
    this.place = place;
  }

  /** Copies all constants and nodes of a body. */
  void add(Graph body) {
    copyConstants(body, place.graph());
    for (Node node : body.nodes()) {
      copy(node, place.graph(), place);
    }
  }

  /** The copy of a value, or the value itself where it was not copied. */
  Value twin(Value value) {
    return value == null ? null : twins.getOrDefault(value, value);
  }

  private void copyConstants(Graph from, Graph to) {
    for (Value constant : from.constants()) {
      twins.put(constant, to.addConstant(constant.name(), constant.tensor()));
    }
  }

  private void copy(Node node, Graph to, Node before) {
    NodeBuilder builder = to.node(node.domain(), node.operator()).name(node.name());
    node.inputs().forEach(v -> builder.in(new Value[] {twin(v)}));
    for (Value output : node.outputs()) {
      Value twin = output == null ? null : to.newValue(output.name(), output.type());
      builder.out(new Value[] {twin});
      if (output != null) {
        twins.put(output, twin);
      }
    }
    Node copy = before == null ? builder.append() : builder.before(before);
    copy.setOverload(node.overload());
    for (Attribute attribute : node.attributes()) {
      if (attribute.value() instanceof Attribute.GraphValue inner) {
        copySubgraph(attribute.name(), inner.graph(), copy);
      } else {
        copy.setAttribute(attribute);
      }
    }
  }

  private void copySubgraph(String name, Graph from, Node owner) {
    Graph to = Graph.subgraphOf(owner.graph());
    owner.setAttribute(Attribute.of(name, to));
    for (Value input : from.inputs()) {
      Value twin = to.newValue(input.name(), input.type());
      to.addInput(twin);
      twins.put(input, twin);
    }
    copyConstants(from, to);
    List.copyOf(from.nodes()).forEach(n -> copy(n, to, null));
    from.outputs().forEach(v -> to.addOutput(twin(v)));
  }
}
