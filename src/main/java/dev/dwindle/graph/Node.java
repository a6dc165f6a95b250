package dev.dwindle.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One operator at work: reads values, makes values. Created and changed through its {@link Graph}. */
public final class Node {
  private final Graph graph;
  private final String domain;
  private final String operator;
  private String name;
  private String overload = "";
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final Map<String, Attribute> attributes = new LinkedHashMap<>();
  private Extras extras = Extras.NONE;

  Node(Graph graph, String domain, String operator, String name) {
    this.graph = graph;
    this.domain = domain.equals("ai.onnx") ? "" : domain;
    this.operator = operator;
    this.name = name;
  }

  public Graph graph() {
    return graph;
  }

  /** The operator's domain; empty for ONNX's own. */
  public String domain() {
    return domain;
  }

  /** The operator's name, such as {@code Conv}. */
  public String operator() {
    return operator;
  }

  /** Whether this is the operator of this name in ONNX's own domain. */
  public boolean is(String onnxOperator) {
    return domain.isEmpty() && operator.equals(onnxOperator);
  }

  /** The node's name; may be empty. */
  public String name() {
    return name;
  }

  public void setName(String other) { name = other; }

  /** Selects among functions of one name; mostly empty. */
  public String overload() {
    return overload;
  }

  public void setOverload(String other) { overload = other; }

  /** The opset version under which this node is to be read. */
  public int version() {
    return graph.opset(domain);
  }

  /** The inputs; an omitted optional input is null. */
  public List<Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** The input at an index, or null where it is omitted. */
  public Value input(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** The node that makes an input; null where the input is omitted, or no node makes it. */
  public Node producer(int index) {
    return input(index) == null ? null : input(index).producer();
  }

  /** The outputs; an omitted optional output is null. */
  public List<Value> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** The output at an index, or null where it is omitted. */
  public Value output(int index) {
    return index < outputs.size() ? outputs.get(index) : null;
  }

  /** The single (or first) output. */
  public Value output() {
    return outputs.getFirst();
  }

  public Collection<Attribute> attributes() {
    return Collections.unmodifiableCollection(attributes.values());
  }

  /** The attribute of this name, or null. */
  public Attribute attribute(String attribute) {
    return attributes.get(attribute);
  }

  public void setAttribute(Attribute attribute) {
    Attribute old = attributes.put(attribute.name(), attribute);
    if (old != null) {
      old.graphs().forEach(Graph::detach);
    }
    attribute.graphs().forEach(g -> g.attach(this));
  }

  public void removeAttribute(String attribute) {
    Attribute old = attributes.remove(attribute);
    if (old != null) {
      old.graphs().forEach(Graph::detach);
    }
  }

  /** All subgraphs of this node. */
  public List<Graph> subgraphs() {
    // Asked of every node by every rule, and nearly always answered by none.
    List<Graph> all = List.of();
    for (Attribute attribute : attributes.values()) {
      List<Graph> graphs = attribute.graphs();
      if (!graphs.isEmpty()) {
        all = all.isEmpty() ? graphs : Stream.concat(all.stream(), graphs.stream()).toList();
      }
    }
    return all;
  }

  /** Fields of the file beyond those of this class. */
  public Extras extras() {
    return extras;
  }

  public void setExtras(Extras other) { extras = other; }

  /** Reads another value (or none, null) at an input; the list grows where needed. */
  public void setInput(int index, Value value) {
    graph.requireVisible(value, this);
    while (inputs.size() <= index) {
      inputs.add(null);
    }
    Value old = inputs.set(index, value);
    if (old != null) {
      old.removeUse(this, index);
    }
    if (value != null) {
      value.addUse(this, index);
    }
  }

  /** Drops the inputs from an index on. */
  public void truncateInputs(int count) {
    while (inputs.size() > count) {
      int last = inputs.size() - 1;
      Value old = inputs.remove(last);
      if (old != null) {
        old.removeUse(this, last);
      }
    }
  }

  /** Adds an output; null is an omitted one. */
  void addOutput(Value value) {
    outputs.add(value);
    if (value != null) {
      value.setProducer(this);
    }
  }

  void release() {
    truncateInputs(0);
    for (Value output : outputs) {
      if (output != null) {
        output.setProducer(null);
      }
    }
    subgraphs().forEach(Graph::detach);
  }

  /** The node as an error names it: {@code Conv 'layer1/conv'}, or by its first output where it has no name. */
  public String label() {
    String qualified = domain.isEmpty() ? operator : domain + "." + operator;
    String which = !name.isEmpty() ? name
        : outputs.isEmpty() || outputs.getFirst() == null ? "" : outputs.getFirst().name();
    return qualified + " '" + which + "'";
  }

  @Override
  public String toString() {
    return label();
  }
}
