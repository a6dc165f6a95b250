package dev.dwindle.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A node in the making; {@link #append}, {@link #before} or {@link #after} puts it into the graph. */
public final class NodeBuilder {
  private final Graph graph;
  private final String domain;
  private final String operator;
  private String name = "";
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<Attribute> attributes = new ArrayList<>();

  NodeBuilder(Graph graph, String domain, String operator) {
    this.graph = graph;
    this.domain = domain;
    this.operator = operator;
  }

  public NodeBuilder name(String nodeName) {
    name = nodeName;
    return this;
  }

  /** Adds inputs; null is an omitted one. */
  public NodeBuilder in(Value... values) {
    inputs.addAll(Arrays.asList(values));
    return this;
  }

  /** Adds outputs that stand ready in the graph without a producer; null is an omitted one. */
  public NodeBuilder out(Value... values) {
    outputs.addAll(Arrays.asList(values));
    return this;
  }

  /** Adds a new output of this name hint and type (null where unknown). */
  public NodeBuilder out(String hint, ValueType type) {
    outputs.add(graph.newValue(hint, type));
    return this;
  }

  public NodeBuilder attribute(Attribute attribute) {
    attributes.add(attribute);
    return this;
  }

  /** Puts the node at the end. */
  public Node append() {
    return build(graph.nodes().size());
  }

  /** Puts the node before another. */
  public Node before(Node other) {
    return build(graph.position(other));
  }

  /** Puts the node behind another. */
  public Node after(Node other) {
    return build(graph.position(other) + 1);
  }

  private Node build(int position) {
    for (Value output : outputs) {
      if (output != null && (output.graph() != graph || output.producer() != null || output.isConstant())) {
        throw new IllegalStateException(
            output + " cannot be an output of a new " + operator + ": it stands elsewhere or is made already");
      }
    }
    Node node = new Node(graph, domain, operator, name);
    inputs.forEach(v -> graph.requireVisible(v, node));
    for (int i = 0; i < inputs.size(); i++) {
      node.setInput(i, inputs.get(i));
    }
    outputs.forEach(node::addOutput);
    attributes.forEach(node::setAttribute);
    return graph.insert(node, position);
  }
}
