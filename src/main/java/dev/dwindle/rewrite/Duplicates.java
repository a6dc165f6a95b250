package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Merges nodes that compute the same, and constants that hold the same. */
final class Duplicates {
  private Duplicates() {}

  /**
   * Merges nodes of one graph with equal operator, inputs and attributes; quantizing and dequantizing ones stay, since
   * targets want a pair for each reader. Returns how many went.
   */
  static int mergeNodes(Graph graph) {
    Map<List<Object>, Node> seen = new HashMap<>();
    int merged = 0;
    for (Node node : List.copyOf(graph.nodes())) {
      for (Graph sub : node.subgraphs()) {
        merged += mergeNodes(sub);
      }
      List<Object> key = key(node);
      Node first = key == null ? null : seen.putIfAbsent(key, node);
      if (first != null && canMerge(node, first)) {
        for (int i = 0; i < node.outputs().size(); i++) {
          if (node.output(i) != null) {
            graph.replaceUses(node.output(i), first.output(i));
          }
        }
        graph.remove(node);
        merged++;
      }
    }
    return merged;
  }

  private static boolean canMerge(Node node, Node first) {
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.output(i);
      if (output != null && (first.output(i) == null || output.isGraphOutput())) {
        return false;
      }
    }
    return true;
  }

  /** What two nodes that compute the same have in common; null for a node that is not to be merged. */
  private static List<Object> key(Node node) {
    Operator operator = Ops.find(node);
    if (operator == null || operator.isRandom() || node.operator().endsWith("QuantizeLinear")
        || node.operator().equals("DequantizeLinear")) {
      return null;
    }
    List<Object> key = new ArrayList<>();
    key.add(node.domain() + ":" + node.operator() + ":" + node.outputs().size());
    key.addAll(node.inputs());
    List<String> attributes = new ArrayList<>();
    for (Attribute attribute : node.attributes()) {
      String value = text(attribute.value());
      if (value == null) {
        return null;
      }
      attributes.add(attribute.name() + "=" + value);
    }
    attributes.sort(null);
    key.add(attributes);
    return key;
  }

  private static String text(Attribute.Content content) {
    return switch (content) {
      case Attribute.IntValue v -> Long.toString(v.value());
      case Attribute.FloatValue v -> Integer.toString(Float.floatToRawIntBits(v.value()));
      case Attribute.StringValue v -> v.text();
      case Attribute.IntValues v -> Arrays.toString(v.values());
      case Attribute.FloatValues v -> Arrays.toString(v.values());
      default -> null;
    };
  }

  /** Merges the constants of one graph that are equal in type, shape and bytes. Returns how many went. */
  static int mergeConstants(Graph graph) {
    Map<List<Object>, List<Value>> candidates = new HashMap<>();
    int merged = 0;
    for (Value constant : graph.constants()) {
      Tensor tensor = constant.tensor();
      if (constant.uses().isEmpty() || tensor.dtype() == DType.STRING || constant.isGraphOutput()) {
        continue;
      }
      List<Object> key = List.of(tensor.dtype(), tensor.shape(), beginning(tensor));
      List<Value> others = candidates.computeIfAbsent(key, k -> new ArrayList<>());
      Value same = others.stream().filter(v -> v.tensor().contentEquals(tensor)).findFirst().orElse(null);
      if (same == null) {
        others.add(constant);
      } else {
        graph.replaceUses(constant, same);
        merged++;
      }
    }
    for (Node node : graph.nodes()) {
      for (Graph sub : node.subgraphs()) {
        merged += mergeConstants(sub);
      }
    }
    return merged;
  }

  private static int beginning(Tensor tensor) {
    long bytes = Math.min(64, tensor.segment().byteSize());
    return Arrays.hashCode(tensor.segment().asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
  }
}
