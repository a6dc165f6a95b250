package dev.dwindle.graph;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes and values with use-def edges. Nodes stand in topological order. An edit checks everything before it changes
 * anything. A subgraph (the body of an If, Loop or Scan) belongs to a node and sees the values of the graphs around it.
 */
public final class Graph {
  private final Model model;
  private final Map<String, Integer> opsets;
  private Node owner;
  private String name = "";
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Value> values = new HashMap<>();
  private final Set<Value> order = new LinkedHashSet<>();
  private long made;
  private final Set<Graph> inside = new LinkedHashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();
  private final List<Declaration> declarations = new ArrayList<>();
  private Extras extras = Extras.NONE;

  Graph(Model model, Map<String, Integer> opsets) {
    this.model = model;
    this.opsets = opsets;
  }

  /** A new subgraph, to be put into an attribute of a node of {@code outer}, whose operator sets it shares. */
  public static Graph subgraphOf(Graph outer) {
    return new Graph(outer.model, outer.opsets);
  }

  public Model model() {
    return model;
  }

  /** The node whose attribute holds this subgraph; null for a main graph and for a function's body. */
  public Node owner() {
    return owner;
  }

  /** Puts a subgraph into use: what it reads of the graphs around it is used, also where it was detached before. */
  void attach(Node node) {
    owner = node;
    node.graph().inside.add(this);
    for (Node inner : nodes) {
      for (int i = 0; i < inner.inputs().size(); i++) {
        Value value = inner.input(i);
        if (value != null && value.graph() != this && !value.uses().contains(new Use(inner, i))) {
          value.addUse(inner, i);
        }
      }
      inner.subgraphs().forEach(g -> g.attach(inner));
    }
  }

  /** Takes a subgraph out of use: what it read of the graphs around it is no longer used. */
  void detach() {
    for (Node node : List.copyOf(nodes)) {
      node.subgraphs().forEach(Graph::detach);
      for (int i = 0; i < node.inputs().size(); i++) {
        Value value = node.input(i);
        if (value != null && value.graph() != this) {
          value.removeUse(node, i);
        }
      }
    }
    if (owner != null) {
      owner.graph().inside.remove(this);
    }
    owner = null;
  }

  public String name() {
    return name;
  }

  public void setName(String other) { name = other; }

  public Extras extras() {
    return extras;
  }

  public void setExtras(Extras other) { extras = other; }

  /** The declarations of the file in its order; those of values that are gone stand there still. */
  public List<Declaration> declarations() {
    return Collections.unmodifiableList(declarations);
  }

  public void declare(Declaration declaration) {
    declarations.add(declaration);
  }

  /** The operator set version in force for a domain; 0 where the domain is not imported. */
  public int opset(String domain) {
    return opsets.getOrDefault(domain.equals("ai.onnx") ? "" : domain, 0);
  }

  /** Operator set versions by domain, shared with the model or function that this graph belongs to. */
  public Map<String, Integer> opsets() {
    return opsets;
  }

  /** The inputs in order; old files list constants among them. */
  public List<Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** The inputs that a caller must give: those that are not constants. */
  public List<Value> requiredInputs() {
    return inputs.stream().filter(v -> !v.isConstant()).toList();
  }

  public List<Value> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** The nodes in topological order. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** All values of this graph in the order in which they were made known. */
  public List<Value> values() {
    return List.copyOf(order);
  }

  /** The constants of this graph, in order. */
  public List<Value> constants() {
    return order.stream().filter(Value::isConstant).toList();
  }

  /** The value of this name in this graph, or null. */
  public Value value(String valueName) {
    return values.get(valueName);
  }

  /** The value of this name in this graph or one around it, or null. */
  public Value resolve(String valueName) {
    for (Graph g = this; g != null; g = g.owner == null ? null : g.owner.graph()) {
      Value found = g.values.get(valueName);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** A new value of exactly this name. */
  public Value addValue(String valueName, ValueType type) {
    if (valueName.isEmpty() || values.containsKey(valueName)) {
      throw new InvalidInputException(
          "graph '" + name + "': value name '" + valueName + "' is " + (valueName.isEmpty() ? "empty" : "taken")
              + ", expected a new one");
    }
    Value value = new Value(this, made++, valueName, type);
    values.put(valueName, value);
    order.add(value);
    return value;
  }

  /** A new value whose name begins with {@code hint}. */
  public Value newValue(String hint, ValueType type) {
    return addValue(freshName(hint), type);
  }

  /** A name like {@code hint} that neither this graph nor those around and inside it use. */
  public String freshName(String hint) {
    String base = hint.isEmpty() ? "value" : hint;
    String candidate = base;
    while (!isFree(candidate)) {
      candidate = base + "_" + counters.merge(base, 1, Integer::sum);
    }
    return candidate;
  }

  /** Whether neither this graph nor those around and inside it use a name. */
  public boolean isFree(String candidate) {
    return resolve(candidate) == null && !usedInside(candidate);
  }

  private boolean usedInside(String candidate) {
    return inside.stream().anyMatch(g -> g.values.containsKey(candidate) || g.usedInside(candidate));
  }

  public void addInput(Value value) {
    requireOwn(value);
    inputs.add(value);
  }

  /**
   * Adds an output.
   *
   * @throws InvalidInputException where a subgraph is to give a value of the graphs around it
   */
  public void addOutput(Value value) {
    requireOutput(value);
    outputs.add(value);
  }

  /** Gives another value in place of an output, as {@link #addOutput} would. */
  public void setOutput(int index, Value value) {
    requireOutput(value);
    outputs.set(index, value);
  }

  /** ONNX wants outputs of a subgraph to be its own; uses, too, are counted only where nodes read. */
  private void requireOutput(Value value) {
    requireVisible(value, null);
    if (value.graph() == this) {
      return;
    }
    String attribute = owner.attributes().stream().filter(a -> a.graphs().contains(this)).map(Attribute::name)
        .findFirst().orElse("subgraph '" + name + "'");
    throw new InvalidInputException(owner.label() + ": " + attribute + ": output '" + value.name()
        + "' is a value of the graph around it; expected a value of its own, such as an Identity makes");
  }

  /** Keeps only the outputs of these indices, in this order. */
  public void retainOutputs(List<Integer> indices) {
    List<Value> kept = indices.stream().map(outputs::get).toList();
    outputs.clear();
    outputs.addAll(kept);
  }

  public void removeInput(Value value) {
    if (!value.isUnused() && !value.isConstant()) {
      throw new IllegalStateException("input " + value + " is still used");
    }
    inputs.remove(value);
    if (value.isUnused() && !value.isConstant()) {
      forget(value);
    }
  }

  /** A new constant whose name begins with {@code hint}. */
  public Value addConstant(String hint, Tensor tensor) {
    Value value = newValue(hint, TensorType.of(tensor));
    value.setConstant(Constant.of(tensor));
    return value;
  }

  /** Gives a value without producer its numbers. */
  public void setConstant(Value value, Constant constant) {
    requireOwn(value);
    if (value.producer() != null) {
      throw new IllegalStateException(value + " is made by " + value.producer());
    }
    value.setConstant(constant);
  }

  /** Begins a new node of ONNX's own domain. */
  public NodeBuilder node(String operator) {
    return new NodeBuilder(this, "", operator);
  }

  /** Begins a new node. */
  public NodeBuilder node(String domain, String operator) {
    return new NodeBuilder(this, domain, operator);
  }

  Node insert(Node node, int position) {
    nodes.add(position, node);
    return node;
  }

  int position(Node node) {
    int index = nodes.indexOf(node);
    if (index < 0) {
      throw new IllegalStateException(node + " is not in graph '" + name + "'");
    }
    return index;
  }

  /** Removes a node none of whose outputs is used; the outputs go with it. */
  public void remove(Node node) {
    int index = position(node);
    for (Value output : node.outputs()) {
      if (output != null && !output.isUnused()) {
        throw new IllegalStateException(node + " cannot be removed: " + output + " is still used");
      }
    }
    nodes.remove(index);
    node.release();
    for (Value output : node.outputs()) {
      if (output != null) {
        forget(output);
      }
    }
  }

  /** Removes a constant that nothing uses. */
  public void removeConstant(Value value) {
    if (!value.isConstant() || !value.isUnused()) {
      throw new IllegalStateException(value + " is not an unused constant");
    }
    inputs.remove(value);
    forget(value);
  }

  /**
   * Lets every reader of {@code from} read {@code to}. Where {@code from} is an output of the graph, {@code to} takes
   * its place, its name and its declared type; where {@code to} already is an output, an input or a constant, an
   * Identity does. The node that makes {@code to} may itself read {@code from} and goes on doing so.
   */
  public void replaceUses(Value from, Value to) {
    requireOwn(from);
    List<Use> moved = from.uses().stream().filter(use -> !isWithin(use.node(), to.producer())).toList();
    moved.forEach(use -> requireVisible(to, use.node()));
    moved.forEach(use -> use.node().setInput(use.index(), to));
    if (!from.isGraphOutput()) {
      return;
    }
    Value replacement = to;
    String outputName = from.name();
    giveName(from, freshName(outputName + "_replaced"));
    if (to.graph() != this || to.producer() == null || to.isGraphOutput() || to.isGraphInput()) {
      replacement = node("Identity").in(to).out(newValue(outputName, from.type())).append().output();
    } else {
      giveName(to, outputName);
      to.setType(from.type() == null ? to.type() : from.type());
    }
    Collections.replaceAll(outputs, from, replacement);
    Value output = replacement;
    declarations.replaceAll(d -> d.value() == from && d.place() == Declaration.Place.OUTPUT
        ? new Declaration(output, d.place(), d.message(), d.type()) : d);
  }

  /** Whether a node is another one or stands in a subgraph of it. */
  private static boolean isWithin(Node node, Node other) {
    for (Node n = node; n != null; n = n.graph().owner) {
      if (n == other) {
        return true;
      }
    }
    return false;
  }

  /** Gives a value another name, which must be free here, in the graphs around and in those inside. */
  public void rename(Value value, String other) {
    requireOwn(value);
    if (!isFree(other)) {
      throw new IllegalStateException("name '" + other + "' is taken");
    }
    giveName(value, other);
  }

  private void giveName(Value value, String other) {
    values.remove(value.name());
    value.rename(other);
    values.put(other, value);
  }

  /** Removes nodes and constants that nothing uses, subgraphs included; inputs and outputs stay. Returns how many nodes. */
  public int removeDead() {
    int removed = 0;
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().stream().allMatch(v -> v == null || v.isUnused())) {
        remove(node);
        removed++;
      } else {
        for (Graph sub : node.subgraphs()) {
          removed += sub.removeDead();
        }
      }
    }
    for (Value value : values()) {
      boolean anonymous = value.producer() == null && !inputs.contains(value);
      if (anonymous && value.isUnused()) {
        forget(value);
      }
    }
    return removed;
  }

  private void forget(Value value) {
    values.remove(value.name());
    order.remove(value);
  }

  private void requireOwn(Value value) {
    if (value.graph() != this || values.get(value.name()) != value) {
      throw new IllegalStateException(value + " is not a value of graph '" + name + "'");
    }
  }

  /** Checks that a value can be read here: it belongs to this graph or to one around it. */
  void requireVisible(Value value, Node reader) {
    if (value == null) {
      return;
    }
    Graph from = reader == null ? this : reader.graph();
    for (Graph g = from; g != null; g = g.owner == null ? null : g.owner.graph()) {
      if (g == value.graph()) {
        return;
      }
    }
    throw new IllegalStateException(value + " cannot be read from graph '" + from.name + "'");
  }
}
