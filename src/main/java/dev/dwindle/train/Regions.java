package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Cuts a graph into regions that are reconstructed one after the other: single layers, or residual blocks. */
public final class Regions {
  /** An Add behind more layers than this closes no block: what is reconstructed at once should be of few parts. */
  private static final int MOST_LAYERS = 8;

  private final Graph graph;
  private final List<Node> layers;
  private final Map<Node, Integer> places = new HashMap<>();

  private record Block(Node add, Value entry, Set<Node> nodes) {}

  private Regions(Graph graph, List<Node> layers) {
    this.graph = graph;
    this.layers = layers;
    graph.nodes().forEach(node -> places.put(node, places.size()));
  }

  /**
   * Each layer with the activation function behind it, if nobody else reads what it makes; in topological order.
   *
   * @param layers nodes whose first input is their only one that is no constant
   */
  public static List<Region> layers(Graph graph, List<Node> layers) {
    return new Regions(graph, layers).sorted(List.of());
  }

  /**
   * The residual blocks: what lies between an Add and the nearest value on which all of it depends, with the activation function behind it; of nested ones the inner.
   * Layers outside of blocks stand alone, as in {@link #layers}.
   */
  public static List<Region> blocks(Graph graph, List<Node> layers) {
    Regions all = new Regions(graph, layers);
    List<Block> found = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Block block = node.is("Add") ? all.behind(node) : null;
      if (block != null) found.add(block);
    }
    return all.sorted(found.stream()
        .filter(b -> found.stream().noneMatch(inner -> inner != b && b.nodes.contains(inner.add))).toList());
  }

  private List<Region> sorted(List<Block> blocks) {
    List<Region> regions = new ArrayList<>();
    Set<Node> taken = new HashSet<>();
    for (Block block : blocks) {
      List<Node> inside = layers.stream().filter(block.nodes::contains).toList();
      if (inside.stream().anyMatch(taken::contains)) continue;
      taken.addAll(inside);
      regions.add(region(block.entry, block.add, inside));
    }
    for (Node layer : layers) {
      if (!taken.contains(layer)) regions.add(region(layer.input(0), layer, List.of(layer)));
    }
    regions.sort(Comparator.comparing(region -> places.get(graph.value(region.exit()).producer())));
    return List.copyOf(regions);
  }

  private static Region region(Value entry, Node last, List<Node> layers) {
    Set<String> names = new LinkedHashSet<>();
    layers.forEach(layer -> names.add(layer.output().name()));
    return new Region(entry.name(), afterActivation(last.output()).name(), names);
  }

  /** The value behind an activation function that alone reads a value. */
  private static Value afterActivation(Value value) {
    if (value.uses().size() != 1 || value.isGraphOutput()) return value;
    Node next = value.uses().getFirst().node();
    boolean clamps = next.is("Relu") || (next.is("Clip") && value.uses().getFirst().index() == 0);
    return clamps && next.graph() == value.graph() ? next.output() : value;
  }

  /** The block that an Add closes, or null: the latest of what it depends on is opened until one value is left. */
  private Block behind(Node add) {
    TreeSet<Node> open = new TreeSet<>(Comparator.comparing(places::get));
    Set<Value> inputs = new HashSet<>();
    Set<Node> nodes = new LinkedHashSet<>();
    open.add(add);
    while (!open.isEmpty()) {
      if (!nodes.isEmpty() && open.size() == 1 && inputs.isEmpty() && isSingle(open.first(), nodes)) {
        return block(add, open.first().output(), nodes);
      }
      Node node = open.pollLast();
      nodes.add(node);
      if (!node.subgraphs().isEmpty()) return null;
      for (Value input : node.inputs()) {
        if (input == null || input.isConstant()) continue;
        if (input.graph() != graph) return null;
        if (input.producer() == null) inputs.add(input);
        else
          open.add(input.producer());
      }
    }
    return inputs.size() == 1 ? block(add, inputs.iterator().next(), nodes) : null;
  }

  /** Whether the nodes read but the first of a node's outputs. */
  private static boolean isSingle(Node node, Set<Node> nodes) {
    return node.outputs().stream().skip(1).filter(v -> v != null)
        .noneMatch(v -> v.uses().stream().anyMatch(use -> nodes.contains(use.node())));
  }

  private Block block(Node add, Value entry, Set<Node> nodes) {
    long inside = layers.stream().filter(nodes::contains).count();
    boolean residual = add.inputs().stream().filter(v -> v != null && !v.isConstant()).count() == 2;
    return inside > 0 && inside <= MOST_LAYERS && residual ? new Block(add, entry, nodes) : null;
  }
}
