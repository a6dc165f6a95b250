package dev.dwindle.graph;

import java.util.HashMap;
import java.util.Map;

/** Copies of graphs and nodes; constants are shared, all else is new. */
public final class GraphCopy {
  private final Map<Value, Value> twins;

  private GraphCopy(Map<Value, Value> twins) {
    this.twins = twins;
  }

  /** Copies the contents of one graph into an empty one. */
  static void into(Graph from, Graph to) {
    new GraphCopy(new HashMap<>()).copy(from, to);
  }

  /**
   * A copy of a node, with its bodies, at the end of its graph. It reads the twins of values that have one, also of values
   * inside the bodies; its outputs are new, and become the twins of the node's.
   */
  public static Node append(Node node, Map<Value, Value> twins) {
    NodeBuilder builder = node.graph().node(node.domain(), node.operator());
    node.inputs().forEach(v -> builder.in(new Value[] {twins.getOrDefault(v, v)}));
    node.outputs().forEach(v -> builder.out(new Value[] {v == null ? null : fresh(v)}));
    Node twin = builder.append();
    twin.setOverload(node.overload());
    GraphCopy copy = new GraphCopy(new HashMap<>(twins));
    node.attributes().forEach(a -> copy.copy(a, twin));
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.output(i) != null) twins.put(node.output(i), twin.output(i));
    }
    return twin;
  }

  private static Value fresh(Value value) {
    return value.graph().newValue(value.name(), value.type());
  }

  private void copy(Graph from, Graph to) {
    to.setName(from.name());
    to.setExtras(from.extras());
    for (Value value : from.values()) {
      if (twins.containsKey(value)) continue;
      Value twin = to.addValue(value.name(), value.type());
      twin.setConstant(value.constant());
      twins.put(value, twin);
    }
    from.inputs().forEach(v -> to.addInput(twins.get(v)));
    for (Node node : from.nodes()) {
      NodeBuilder builder = to.node(node.domain(), node.operator()).name(node.name());
      node.inputs().forEach(v -> builder.in(new Value[] {twins.getOrDefault(v, v)}));
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
