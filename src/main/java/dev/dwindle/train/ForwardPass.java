package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The nodes of a training step that its loss comes from, and the segments into which they can be cut. */
final class ForwardPass {
  /** That a value stays whatever the cuts, as a place behind all others. */
  private static final int ALWAYS = Integer.MAX_VALUE;

  /**
   * What of a segment is computed again.
   *
   * @param nodes in their order
   * @param values that they give and that are not kept from the first time
   * @param before the node of the backward pass that reads one of these first
   */
  record Segment(List<Node> nodes, Set<Value> values, Node before) {}

  private final Graph graph;
  private final Types types;
  private final Set<Node> nodes;
  /** What depends on the data of the step. */
  private final Set<Value> ofData;
  private final Map<Node, Integer> positions = new LinkedHashMap<>();
  /** The nodes that can run twice: those that depend on the data of the step. What depends on parameters alone is small and stays. */
  private final List<Node> repeatable = new ArrayList<>();
  private final Map<Node, Integer> places = new HashMap<>();
  /** By value, the place of the last node of the pass that reads it. */
  private final Map<Value, Integer> lastRead = new HashMap<>();

  ForwardPass(TrainingStep step) {
    graph = step.model().graph();
    types = ShapeInference.of(graph);
    nodes = ancestors(graph.value(TrainingStep.LOSS).producer());
    ofData = ofData(step);
    for (Node node : graph.nodes()) {
      positions.put(node, positions.size());
      if (!isRepeatable(node)) continue;
      places.put(node, repeatable.size());
      repeatable.add(node);
    }
    repeatable.forEach(node -> outputs(node).forEach(value -> lastRead.put(value, lastRead(value))));
  }

  private static Set<Node> ancestors(Node last) {
    Set<Node> found = new HashSet<>();
    List<Node> open = new ArrayList<>(List.of(last));
    while (!open.isEmpty()) {
      Node node = open.removeLast();
      if (!found.add(node)) continue;
      for (Value input : read(node)) {
        if (input.producer() != null && input.producer().graph() == last.graph()) open.add(input.producer());
      }
    }
    return found;
  }

  /** What a node reads, bodies included. */
  static List<Value> read(Node node) {
    List<Value> all = new ArrayList<>();
    node.inputs().stream().filter(input -> input != null).forEach(all::add);
    node.subgraphs().forEach(body -> body.nodes().forEach(inner -> all.addAll(read(inner))));
    return all;
  }

  private Set<Value> ofData(TrainingStep step) {
    Set<Value> found = new HashSet<>();
    for (Value input : graph.requiredInputs()) {
      if (!step.initial().containsKey(input.name()) && !input.name().equals(TrainingStep.RATE)) found.add(input);
    }
    for (Node node : graph.nodes()) {
      if (read(node).stream().anyMatch(found::contains)) found.addAll(outputs(node));
    }
    return found;
  }

  private boolean isRepeatable(Node node) {
    Operator operator = Ops.find(node);
    return nodes.contains(node) && operator != null && !operator.isRandom() && node.subgraphs().isEmpty()
        && node.inputs().stream().anyMatch(ofData::contains)
        && outputs(node).stream().allMatch(output -> types.shape(output) != null);
  }

  private int lastRead(Value value) {
    int last = value.isGraphOutput() ? ALWAYS : 0;
    for (Use use : value.uses()) {
      // What is read inside of a body stays, whenever that runs.
      boolean inBody = use.node().graph() != graph;
      if (inBody || nodes.contains(use.node())) last = Math.max(last, places.getOrDefault(use.node(), ALWAYS));
    }
    return last;
  }

  static List<Value> outputs(Node node) {
    return node.outputs().stream().filter(output -> output != null).toList();
  }

  Types types() {
    return types;
  }

  boolean contains(Node node) {
    return nodes.contains(node);
  }

  boolean isOfData(Value value) {
    return ofData.contains(value);
  }

  /** The last value in FLOAT that is computed before a node behind the pass, or the loss. */
  Value lastBefore(Node node) {
    Value last = graph.value(TrainingStep.LOSS);
    for (Map.Entry<Node, Integer> other : positions.entrySet()) {
      if (nodes.contains(other.getKey()) || other.getValue() >= positions.get(node)) continue;
      for (Value output : outputs(other.getKey())) {
        Shape shape = types.shape(output);
        if (shape != null && shape.size() > 0 && types.tensorType(output).dtype() == DType.FLOAT) last = output;
      }
    }
    return last;
  }

  /** How many nodes can run twice. */
  int length() {
    return repeatable.size();
  }

  /** Bytes of a value, 0 where its type is not known. */
  long bytes(Value value) {
    Shape shape = types.shape(value);
    DType dtype = types.tensorType(value).dtype();
    return shape == null || dtype == null || dtype == DType.STRING ? 0 : dtype.bytes(shape.size());
  }

  /**
   * Cuts into segments that hold about the same for the backward pass, where little is carried from one to the next.
   *
   * @return the places at which the second segment and those behind it begin: ascending, at most one less than there are to be segments
   */
  int[] cuts(int segments) {
    long[] held = held();
    long[] carried = carried();
    double each = (double) held[length()] / segments;
    Set<Integer> cuts = new HashSet<>();
    for (int k = 1; k < segments; k++) {
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int place = 1; place < length(); place++) {
        double away = Math.abs(held[place] / each - k);
        double cost = carried[place] * (1 + away);
        if (away <= 0.5 && cost < least) {
          least = cost;
          best = place;
        }
      }
      if (best > 0) cuts.add(best);
    }
    return cuts.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  /** Bytes that the nodes before each place give to the backward pass. */
  private long[] held() {
    long[] held = new long[length() + 1];
    for (int i = 0; i < length(); i++) {
      held[i + 1] = held[i]
          + outputs(repeatable.get(i)).stream().filter(this::isReadLater).mapToLong(this::bytes).sum();
    }
    return held;
  }

  private boolean isReadLater(Value value) {
    return value.uses().stream().anyMatch(use -> !nodes.contains(use.node()));
  }

  /** Bytes that are carried over each place. */
  private long[] carried() {
    long[] carried = new long[length() + 1];
    for (Node node : repeatable) {
      for (Value output : outputs(node)) {
        int last = Math.min(lastRead.get(output), length());
        for (int place = places.get(node) + 1; place <= last; place++) carried[place] += bytes(output);
      }
    }
    return carried;
  }

  /** The first segments, as many as are asked for, as far as something in them is to be computed again. */
  List<Segment> segments(int[] cuts, int count) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < Math.min(count, cuts.length + 1); i++) {
      Segment segment = segment(i == 0 ? 0 : cuts[i - 1], i == cuts.length ? length() : cuts[i], cuts);
      if (segment != null) segments.add(segment);
    }
    return segments;
  }

  private Segment segment(int from, int to, int[] cuts) {
    List<Node> again = new ArrayList<>();
    Set<Value> values = new HashSet<>();
    Set<Value> needed = new HashSet<>();
    Node before = null;
    for (Node node : repeatable.subList(from, to).reversed()) {
      boolean isNeeded = false;
      for (Value output : outputs(node)) {
        if (isKept(output, cuts)) continue;
        Node reader = firstLater(output);
        isNeeded |= reader != null || needed.contains(output);
        if (reader != null && (before == null || positions.get(reader) < positions.get(before))) before = reader;
      }
      if (!isNeeded) continue;
      again.addFirst(node);
      outputs(node).stream().filter(output -> !isKept(output, cuts)).forEach(values::add);
      needed.addAll(node.inputs());
    }
    return again.isEmpty() ? null : new Segment(again, values, before);
  }

  /** Whether a value is carried into another segment, and so is there. */
  private boolean isKept(Value value, int[] cuts) {
    int last = lastRead.get(value);
    int place = places.get(value.producer());
    return last == ALWAYS || Arrays.stream(cuts).anyMatch(cut -> place < cut && cut <= last);
  }

  /** The first node behind the pass that reads a value, or null. */
  private Node firstLater(Value value) {
    Node first = null;
    for (Use use : value.uses()) {
      Node node = use.node();
      if (!nodes.contains(node) && (first == null || positions.get(node) < positions.get(first))) first = node;
    }
    return first;
  }
}
