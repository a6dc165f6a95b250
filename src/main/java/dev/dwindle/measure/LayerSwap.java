package dev.dwindle.measure;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import java.util.HashMap;
import java.util.Map;

/**
 * The original model in which one layer is replaced by its compressed form: the layer of the other graph, with whatever
 * stands between it and the values that both graphs have (quantization of its activations, decoding of its weights).
 */
final class LayerSwap {
  private final Model model;
  private final Graph graph;
  private final Node replaced;
  private final Map<Value, Value> twins = new HashMap<>();

  private LayerSwap(Model original, Node layer) {
    model = original.copy();
    graph = model.graph();
    replaced = graph.value(layer.output().name()).producer();
  }

  /**
   * A copy of the original with this layer swapped; null where it has the same form in both, so that nothing would change,
   * or where the original has no such layer in this operator set.
   *
   * @param layer of the compressed graph
   */
  static Model of(Model original, Node layer) {
    Value twin = original.graph().value(layer.output().name());
    boolean comparable = twin != null && twin.producer() != null
        && original.graph().opset("") == layer.graph().opset("");
    if (!comparable) return null;
    LayerSwap swap = new LayerSwap(original, layer);
    return swap.isSame(layer) ? null : swap.swapped(layer);
  }

  private Model swapped(Node layer) {
    Value target = graph.value(layer.output().name());
    Value made = floating(copy(layer).output(), target);
    graph.replaceUses(target, made);
    graph.removeDead();
    GraphVerifier.verify(graph);
    return model;
  }

  /** The same operator on the same values and on constants of the same content. */
  private boolean isSame(Node layer) {
    boolean same = layer.is(replaced.operator()) && layer.inputs().size() == replaced.inputs().size();
    for (int i = 0; same && i < layer.inputs().size(); i++) {
      Value ours = layer.input(i);
      Value theirs = replaced.input(i);
      if (ours == null || theirs == null) {
        same = ours == theirs;
      } else if (ours.isConstant() && theirs.isConstant()) {
        same = ours.tensor().contentEquals(theirs.tensor());
      } else {
        same = ours.name().equals(theirs.name());
      }
    }
    return same;
  }

  private Node copy(Node node) {
    NodeBuilder builder = graph.node(node.domain(), node.operator()).name(node.name());
    for (Value input : node.inputs()) {
      builder.in(new Value[] {input == null ? null : twin(input)});
    }
    for (Value output : node.outputs()) {
      builder.out(new Value[] {output == null ? null : fresh(output)});
    }
    for (Attribute attribute : node.attributes()) {
      builder.attribute(attribute);
    }
    return builder.before(replaced);
  }

  private Value twin(Value value) {
    Value known = twins.get(value);
    if (known != null) return known;
    if (value.isConstant()) {
      Value constant = fresh(value);
      graph.setConstant(constant, value.constant());
      return constant;
    }
    Value shared = graph.value(value.name());
    if (shared != null && !shared.isConstant()) return floating(shared, value);
    copy(value.producer());
    return twins.get(value);
  }

  private Value fresh(Value value) {
    Value fresh = graph.newValue(value.name() + "_compressed", value.type());
    twins.put(value, fresh);
    return fresh;
  }

  /** A value in the floating-point type of another: its own, or cast to it. */
  private Value floating(Value value, Value wanted) {
    TensorType from = value.tensorType();
    TensorType to = wanted.tensorType();
    if (from == null || to == null || from.dtype() == to.dtype() || !to.dtype().isFloating()) return value;
    return cast(value, to.dtype());
  }

  private Value cast(Value value, DType dtype) {
    return graph.node("Cast").in(value).out(value.name() + "_cast", value.tensorType().with(dtype))
        .attribute(Attribute.of("to", dtype.code())).before(replaced).output();
  }
}
