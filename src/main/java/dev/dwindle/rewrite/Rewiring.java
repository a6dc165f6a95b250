package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/** Exchange of a node for others; names of values stay. */
final class Rewiring {
  private Rewiring() {}

  /**
   * Lets the readers of a node's outputs read other values, and removes the node. A result that was made for this (after
   * the output) takes the output's name, and its declared type where it has none.
   *
   * @param results in the order of the outputs; null or left out where the output is unused
   */
  static void replace(Node node, List<Value> results) {
    Graph graph = node.graph();
    requireResults(node, results.size());
    List<Value> outputs = new ArrayList<>(node.outputs());
    List<String> names = outputs.stream().map(v -> v == null ? null : v.name()).toList();
    for (int i = 0; i < outputs.size(); i++) {
      Value output = outputs.get(i);
      if (output != null && !output.isUnused()) {
        if (results.get(i).type() == null && results.get(i).producer() != null) {
          results.get(i).setType(output.type());
        }
        graph.replaceUses(output, results.get(i));
      }
    }
    graph.remove(node);
    for (int i = 0; i < outputs.size(); i++) {
      Value result = outputs.get(i) == null || i >= results.size() ? null : results.get(i);
      boolean made = result != null && result.graph() == graph && result.isNewerThan(outputs.get(i));
      if (made && !result.isGraphOutput() && graph.isFree(names.get(i))) {
        graph.rename(result, names.get(i));
      }
    }
  }

  /** Refuses a damaged node, some of whose outputs that are read its operator does not have. */
  private static void requireResults(Node node, int results) {
    for (int i = results; i < node.outputs().size(); i++) {
      if (node.output(i) != null && !node.output(i).isUnused()) {
        throw new InvalidInputException(
            node.label() + ": found " + node.outputs().size() + " outputs, expected at most " + results);
      }
    }
  }

  /** Lets the readers of a node's first output read a value that was there before, and removes the node. */
  static void bypass(Node node, Value value) {
    node.graph().replaceUses(node.output(), value);
    node.graph().remove(node);
  }

  /**
   * Whether a node can make way for a value that was there before: as an output of the graph its name must go over to a
   * value that has no other.
   */
  static boolean canBypass(Node node, Value value) {
    if (value == null) {
      return false;
    }
    boolean othersUnused = node.outputs().stream().skip(1).allMatch(v -> v == null || v.isUnused());
    boolean movable = value.graph() == node.graph() && value.producer() != null && !value.isGraphOutput();
    return othersUnused && (movable || !node.output().isGraphOutput());
  }
}
