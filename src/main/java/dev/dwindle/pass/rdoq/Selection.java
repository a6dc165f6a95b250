package dev.dwindle.pass.rdoq;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.FiniteConstants;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Patterns;
import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which constants a pass changes.
 *
 * @param weights those of layers and tables, each with all that read it, a layer first
 * @param vectors constants of one axis that layers add or multiply with
 * @param skipped label and reason of layers that stay as they are
 */
record Selection(Map<Value, List<Operand>> weights, List<Value> vectors, Map<String, String> skipped) {
  /** About what the names and types of new constants and their node take in a file. */
  private static final int OVERHEAD_BYTES = 200;
  private static final int SHORTEST_VECTOR = 16;

  static Selection of(Graph graph, Patterns exclude) {
    Selection selection = new Selection(new LinkedHashMap<>(), new ArrayList<>(), new LinkedHashMap<>());
    FiniteConstants finite = new FiniteConstants();
    List<Node> nodes = NarrowConstants.allNodes(graph);
    for (Node node : nodes) {
      List<Operand> own = Operand.of(node);
      boolean layer = node.domain().isEmpty() && Operand.isLayer(node);
      if (exclude.matches(node)) {
        if (!own.isEmpty()) selection.skipped.put(node.label(), "left alone by the recipe");
      } else if (own.isEmpty() && layer) {
        selection.skipped.put(node.label(), Operand.reasonForNone(node));
      } else {
        own.forEach(operand -> selection.find(operand, layer, finite));
      }
      if (!exclude.matches(node)) node.inputs().forEach(selection::findVector);
    }
    return selection;
  }

  /** Weights of layers must be finite; a table that Gather reads may be a mask of infinities, and stays as it is then. */
  private void find(Operand operand, boolean layer, FiniteConstants finite) {
    Value weight = operand.weight();
    if (layer) finite.require(weight, operand.node(), "'exclude' in a recipe");
    else if (!FiniteConstants.holds(weight.tensor())) return;
    if (weight.tensor().size() * 3 <= OVERHEAD_BYTES) {
      skipped.put(operand.node().label(), "too small to gain by it");
      return;
    }
    List<Operand> readers = weights.computeIfAbsent(weight, w -> new ArrayList<>());
    if (layer) readers.addFirst(operand);
    else
      readers.add(operand);
  }

  private void findVector(Value value) {
    if (value == null || !value.isConstant() || vectors.contains(value) || !isVector(value)) return;
    if (value.uses().stream().allMatch(use -> takesVectors(use.node(), use.index()))) vectors.add(value);
  }

  private static boolean isVector(Value value) {
    return value.tensor().dtype() == DType.FLOAT && value.tensor().shape().rank() == 1
        && value.tensor().size() >= SHORTEST_VECTOR && FiniteConstants.holds(value.tensor());
  }

  private static boolean takesVectors(Node node, int index) {
    if (!node.domain().isEmpty()) return false;
    return switch (node.operator()) {
      case "Conv", "ConvTranspose", "Gemm" -> index == 2;
      case "Add", "Sub", "Mul", "LayerNormalization", "BatchNormalization", "InstanceNormalization",
          "GroupNormalization" ->
        true;
      default -> false;
    };
  }
}
