package dev.dwindle.graph;

import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An edge of the graph: made by one node, or an input, or a constant (an initializer); read by any number of nodes, also
 * those of subgraphs. Names are unique within a graph and the graphs around it.
 */
public final class Value {
  private final Graph graph;
  private final long serial;
  private String name;
  private ValueType type;
  private Node producer;
  private Constant constant;
  private final List<Use> uses = new ArrayList<>();

  Value(Graph graph, long serial, String name, ValueType type) {
    this.graph = graph;
    this.serial = serial;
    this.name = name;
    this.type = type;
  }

  /** The graph that owns this value. */
  public Graph graph() {
    return graph;
  }

  public String name() {
    return name;
  }

  /** Whether this value was made known to its graph after another of the same graph. */
  public boolean isNewerThan(Value other) {
    return serial > other.serial;
  }

  void rename(String other) {
    name = other;
  }

  /** What is known of the type, or null where nothing is. */
  public ValueType type() {
    return type;
  }

  /** The type of a tensor value, or null where it is not known to be one. */
  public TensorType tensorType() {
    return type instanceof TensorType tensor ? tensor : null;
  }

  public void setType(ValueType other) { type = other; }

  /** The node that makes this value; null for inputs and constants. */
  public Node producer() {
    return producer;
  }

  void setProducer(Node node) { producer = node; }

  /** The initializer behind this value, or null. */
  public Constant constant() {
    return constant;
  }

  void setConstant(Constant other) { constant = other; }

  /** The numbers of a constant, or null where this is none. */
  public Tensor tensor() {
    return constant == null ? null : constant.tensor();
  }

  public boolean isConstant() { return constant != null; }

  /** The places that read this value, in no promised order; graph outputs are not among them. */
  public List<Use> uses() {
    return Collections.unmodifiableList(uses);
  }

  void addUse(Node node, int index) {
    uses.add(new Use(node, index));
  }

  void removeUse(Node node, int index) {
    uses.remove(new Use(node, index));
  }

  public boolean isGraphInput() { return graph.inputs().contains(this); }

  public boolean isGraphOutput() { return graph.outputs().contains(this); }

  /** Neither read by a node nor an output of its graph. */
  public boolean isUnused() {
    return uses.isEmpty() && !isGraphOutput();
  }

  @Override
  public String toString() {
    return "%" + name;
  }
}
