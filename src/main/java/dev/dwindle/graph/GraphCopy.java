package dev.dwindle.graph;

import java.util.HashMap;
import java.util.Map;

/** Copies the contents of one graph into an empty one; constants are shared, all else is new. */
final class GraphCopy {
  private final Map<Value, Value> twins;

  private GraphCopy(Map<Value, Value> twins) {
    this.twins = twins;
  }

  static void into(Graph from, Graph to) {
    new GraphCopy(new HashMap<>()).copy(from, to);
  }

  private void copy(Graph from, Graph to) {
    to.setName(from.name());
    to.setExtras(from.extras());
    for (Value value : from.values()) {
      Value twin = to.addValue(value.name(), value.type());
      twin.setConstant(value.constant());
      twins.put(value, twin);
    }
    from.inputs().forEach(v -> to.addInput(twins.get(v)));
    for (Node node : from.nodes()) {
      NodeBuilder builder = to.node(node.domain(), node.operator()).name(node.name());
      node.inputs().forEach(v -> builder.in(v == null ? new Value[] {null} : new Value[] {twins.get(v)}));
      node.outputs().forEach(v -> builder.out(v == null ? new Value[] {null} : new Value[] {twins.get(v)}));
      Node twin = builder.append();
      twin.setOverload(node.overload());
      twin.setExtras(node.extras());
      node.attributes().forEach(a -> copy(a, twin));
    }
    from.outputs().forEach(v -> to.addOutput(twins.get(v)));
    from.declarations().stream().filter(d -> d.value() == null || twins.containsKey(d.value())).forEach(
        d -> to.declare(new Declaration(twins.get(d.value()), d.place(), d.message(), d.type())));
  }

  private void copy(Attribute attribute, Node node) {
    Attribute.Content content = switch (attribute.value()) {
      case Attribute.GraphValue one -> new Attribute.GraphValue(subgraph(one.graph(), node));
      case Attribute.GraphValues many ->
        new Attribute.GraphValues(many.graphs().stream().map(g -> subgraph(g, node)).toList());
      default -> attribute.value();
    };
    node.setAttribute(new Attribute(attribute.name(), content, attribute.extras()));
  }

  private Graph subgraph(Graph from, Node owner) {
    Graph to = Graph.subgraphOf(owner.graph());
    to.attach(owner);
    copy(from, to);
    return to;
  }
}
