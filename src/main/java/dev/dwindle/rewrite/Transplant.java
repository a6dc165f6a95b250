package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Copies the nodes of a body (a branch, a function) into another graph, with fresh names, the body's inputs replaced by
 * given values.
 */
final class Transplant {
  private final Map<Value, Value> twins = new HashMap<>();
  private final UnaryOperator<Attribute> attributes;
  private final String prefix;

  private Transplant(String prefix, UnaryOperator<Attribute> attributes) {
    this.prefix = prefix;
    this.attributes = attributes;
  }

  /**
   * Puts copies of the body's nodes before a node.
   *
   * @param inputs for the body's inputs, in order; where fewer or null, the input is an omitted one
   * @param prefix put before the names of nodes and values
   * @param attributes what becomes of each attribute of the body's nodes; null drops it
   * @return the values that stand for the body's outputs
   */
  static List<Value> before(Node node, Graph body, List<Value> inputs, String prefix,
      UnaryOperator<Attribute> attributes) {
    Transplant transplant = new Transplant(prefix, attributes);
    for (int i = 0; i < body.inputs().size(); i++) {
      transplant.twins.put(body.inputs().get(i), i < inputs.size() ? inputs.get(i) : null);
    }
    transplant.constants(body, node.graph());
    for (Node inner : body.nodes()) {
      transplant.copy(inner, node.graph(), node);
    }
    return body.outputs().stream().map(transplant::twin).toList();
  }

  /** Gives a node a copy of a subgraph that another node of the same graph, or of one around it, holds. */
  static void into(Node node, Attribute attribute) {
    new Transplant("", a -> a).set(node, attribute);
  }

  private void constants(Graph from, Graph to) {
    for (Value constant : from.constants()) {
      Value twin = to.newValue(prefix + constant.name(), constant.type());
      to.setConstant(twin, constant.constant());
      twins.put(constant, twin);
    }
  }

  private void copy(Node node, Graph to, Node before) {
    NodeBuilder builder = to.node(node.domain(), node.operator())
        .name(node.name().isEmpty() ? "" : prefix + node.name());
    for (Value input : node.inputs()) {
      builder.in(new Value[] {twin(input)});
    }
    for (Value output : node.outputs()) {
      builder.out(new Value[] {output == null ? null : fresh(output, to)});
    }
    Node twin = before == null ? builder.append() : builder.before(before);
    twin.setOverload(node.overload());
    twin.setExtras(node.extras());
    for (Attribute attribute : node.attributes()) {
      Attribute mapped = attributes.apply(attribute);
      if (mapped != null) {
        set(twin, mapped);
      }
    }
  }

  /** A subgraph is attached first and filled then: only so does it see the values around it. */
  private void set(Node node, Attribute attribute) {
    List<Graph> originals = attribute.graphs();
    if (originals.isEmpty()) {
      node.setAttribute(attribute);
      return;
    }
    List<Graph> copies = new ArrayList<>();
    originals.forEach(g -> copies.add(Graph.subgraphOf(node.graph())));
    Attribute.Content content = attribute.value() instanceof Attribute.GraphValue
        ? new Attribute.GraphValue(copies.getFirst())
        : new Attribute.GraphValues(copies);
    node.setAttribute(new Attribute(attribute.name(), content, attribute.extras()));
    for (int i = 0; i < copies.size(); i++) {
      fill(originals.get(i), copies.get(i));
    }
  }

  private void fill(Graph from, Graph to) {
    to.setName(from.name());
    to.setExtras(from.extras());
    constants(from, to);
    for (Value input : from.inputs()) {
      Value twin = twins.get(input);
      to.addInput(twin != null ? twin : fresh(input, to));
    }
    from.nodes().forEach(n -> copy(n, to, null));
    from.outputs().forEach(v -> to.addOutput(twin(v)));
  }

  private Value fresh(Value value, Graph to) {
    Value twin = to.newValue(prefix + value.name(), value.type());
    twins.put(value, twin);
    return twin;
  }

  /** A value of the body becomes its copy; one from around the body stays. */
  private Value twin(Value value) {
    return twins.containsKey(value) ? twins.get(value) : value;
  }
}
