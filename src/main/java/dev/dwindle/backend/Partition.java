package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * A graph cut into parts that run one after the other, each wholly on one of two devices; as few as the nodes' places
 * allow. The body of an If, Loop or Scan stays with its node.
 *
 * @param parts in the order in which they run
 * @param causes for each node that the first device does not take: the node and one sentence that says why
 */
public record Partition(List<Part> parts, List<String> causes) {
  /** Nodes in order, and whether the first device runs them. */
  public record Part(boolean primary, List<Node> nodes) {}

  /** Cuts a main graph by what the first device says of each node. */
  public static Partition of(Graph graph, Function<Node, Support> support) {
    Map<Node, Boolean> primary = new HashMap<>();
    List<String> causes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Support answer = support.apply(node);
      primary.put(node, answer.isYes());
      if (answer instanceof Support.No no) {
        causes.add(no.reason().startsWith(node.label()) ? no.reason() : node.label() + ": " + no.reason());
      }
    }
    List<Part> first = new Schedule(graph, primary).cut(true);
    List<Part> second = new Schedule(graph, primary).cut(false);
    return new Partition(second.size() < first.size() ? second : first, List.copyOf(causes));
  }

  /**
   * Takes every node of one device whose inputs are made, then every such node of the other, and so on: no order of
   * alternating parts that begins with the same device has fewer.
   */
  private static final class Schedule {
    private final Map<Node, Boolean> primary;
    private final Map<Node, Integer> missing = new HashMap<>();
    private final Map<Node, List<Node>> readers = new HashMap<>();
    private final Map<Boolean, Deque<Node>> ready = Map.of(true, new ArrayDeque<>(), false, new ArrayDeque<>());
    private int left;

    Schedule(Graph graph, Map<Node, Boolean> primary) {
      this.primary = primary;
      for (Node node : graph.nodes()) {
        Set<Node> makers = makers(node, graph);
        makers.forEach(m -> readers.computeIfAbsent(m, k -> new ArrayList<>()).add(node));
        missing.put(node, makers.size());
        if (makers.isEmpty()) {
          ready.get(primary.get(node)).add(node);
        }
        left++;
      }
    }

    /** The nodes of the graph that make what a node reads, in its subgraphs too. */
    private static Set<Node> makers(Node node, Graph graph) {
      Set<Node> makers = new HashSet<>();
      collect(node, graph, makers);
      return makers;
    }

    private static void collect(Node node, Graph graph, Set<Node> makers) {
      List<Value> read = new ArrayList<>(node.inputs());
      node.subgraphs().forEach(g -> {
        g.nodes().forEach(inner -> collect(inner, graph, makers));
        read.addAll(g.outputs());
      });
      for (Value value : read) {
        if (value != null && value.producer() != null && value.graph() == graph) {
          makers.add(value.producer());
        }
      }
    }

    List<Part> cut(boolean begin) {
      List<Part> parts = new ArrayList<>();
      boolean turn = begin;
      while (left > 0) {
        List<Node> nodes = take(turn);
        if (!nodes.isEmpty()) {
          parts.add(new Part(turn, nodes));
        }
        turn = !turn;
      }
      return parts;
    }

    private List<Node> take(boolean turn) {
      List<Node> nodes = new ArrayList<>();
      Deque<Node> queue = ready.get(turn);
      while (!queue.isEmpty()) {
        Node node = queue.poll();
        nodes.add(node);
        left--;
        for (Node reader : readers.getOrDefault(node, List.of())) {
          if (missing.merge(reader, -1, Integer::sum) == 0) {
            ready.get(primary.get(reader)).add(reader);
          }
        }
      }
      return nodes;
    }
  }
}
