package dev.dwindle.pass.rdoq;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Operand;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Puts levels into the graph, each constant once for all that read it, and tells of it. */
final class LevelStore {
  private final Map<String, String> changed = new LinkedHashMap<>();
  private long weights;
  private double bits;

  /** Lets layers read their weights as levels times a step; rows of a table are multiplied behind the look-up. */
  void put(Value weight, Levels levels, List<Operand> readers) {
    Graph graph = weight.graph();
    Tensor tensor = weight.tensor();
    Value stored = graph.addConstant(weight.name() + "_levels",
        Tensor.of(DType.INT8, tensor.shape(), levels.levels()));
    Value step = graph.addConstant(weight.name() + "_step", Tensor.of(Shape.SCALAR, levels.step()));
    Value numbers = null;
    String words = String.format(Locale.ROOT, "%.2f bits a weight", levels.bits());
    for (Operand reader : readers) {
      Node node = reader.node();
      changed.merge(node.label(), words, (a, b) -> a.equals(b) ? a : a + "; " + b);
      if (node.is("Gather")) {
        lookUp(node, stored, step);
        continue;
      }
      if (numbers == null) {
        numbers = graph.node("DequantizeLinear").in(stored, step)
            .out(weight.name() + "_float", TensorType.of(tensor)).before(graph.nodes().getFirst()).output();
      }
      node.setInput(reader.index(), numbers);
    }
    weights += tensor.size();
    bits += tensor.size() * levels.bits();
    NarrowConstants.removeIfUnused(weight);
  }

  private static void lookUp(Node node, Value stored, Value step) {
    Graph graph = node.graph();
    Value rows = node.output();
    String name = rows.name();
    TensorType type = rows.tensorType();
    NodeBuilder gather = graph.node("Gather").in(stored, node.input(1));
    node.attributes().forEach(gather::attribute);
    Value levels = gather.out(name + "_levels", type == null ? null : type.with(DType.INT8)).before(node).output();
    Value numbers = graph.node("DequantizeLinear").in(levels, step).out(name + "_float", type).before(node).output();
    graph.replaceUses(rows, numbers);
    graph.remove(node);
  }

  PassResult result(String pass, Map<String, String> skipped, Map<String, String> figures) {
    if (weights > 0) {
      figures.put("bits per weight",
          String.format(Locale.ROOT, "%.2f, where each stands by itself: %,.0f bytes", bits / weights, bits / 8));
    }
    String summary = "weights of " + changed.size() + " of " + (changed.size() + skipped.size()) + " layers quantized";
    return new PassResult(pass, summary, changed, skipped, figures);
  }
}
