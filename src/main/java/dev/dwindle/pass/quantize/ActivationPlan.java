package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.calibrate.ElementFunction;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which activations get a Q/DQ pair, who reads the dequantized value, and which of them must share one range.
 *
 * <p>Case 1: an input of a layer; the layers read it dequantized. Case 2: it comes out of a carrier (such as MaxPool):
 * what went in gets a pair with the same range, so that the carrier moves integers. Case 3: the target computes a layer
 * in integers only when its output is quantized: then everyone reads the output dequantized.
 */
final class ActivationPlan {
  private final List<Layer> layers;
  private final TargetProfile target;
  private final Map<Value, Set<Use>> readers = new LinkedHashMap<>();
  private final Map<Value, Value> sharesRangeOf = new LinkedHashMap<>();

  ActivationPlan(List<Layer> layers, TargetProfile target) {
    this.layers = layers;
    this.target = target;
    for (Layer layer : layers) {
      for (int index : layer.activations()) {
        read(layer.node().input(index), new Use(layer.node(), index));
      }
    }
    for (Layer layer : layers) {
      if (target.int8Outputs().contains(layer.node().operator())) {
        Value output = afterFusedActivation(layer.node().output());
        if (!output.isGraphOutput() && !output.uses().isEmpty()) {
          readers.computeIfAbsent(output, v -> new LinkedHashSet<>()).addAll(output.uses());
        }
      }
    }
  }

  private void read(Value value, Use use) {
    readers.computeIfAbsent(value, v -> new LinkedHashSet<>()).add(use);
    Node producer = value == null ? null : value.producer();
    if (producer != null && producer.domain().isEmpty() && target.int8Carriers().contains(producer.operator())) {
      Value before = producer.input(0);
      if (before != null && !before.isConstant() && before.graph() == value.graph()) {
        shareRange(before, value);
        read(before, new Use(producer, 0));
      }
    }
  }

  private void shareRange(Value a, Value b) {
    Value rootOfA = root(a);
    Value rootOfB = root(b);
    if (rootOfA != rootOfB) sharesRangeOf.put(rootOfA, rootOfB);
  }

  private Value root(Value value) {
    Value root = value;
    while (sharesRangeOf.containsKey(root)) {
      root = sharesRangeOf.get(root);
    }
    return root;
  }

  /** The value behind an activation that integer kernels clamp for free. */
  private static Value afterFusedActivation(Value value) {
    if (value.uses().size() == 1 && !value.isGraphOutput()) {
      Node next = value.uses().getFirst().node();
      if (next.graph() == value.graph()
          && (next.is("Relu") || (next.is("Clip") && value.uses().getFirst().index() == 0))) {
        return next.output();
      }
    }
    return value;
  }

  /** The activations that get a pair, in the order in which they were found. */
  Collection<Value> values() {
    return List.copyOf(readers.keySet());
  }

  /** Who reads the dequantized value. */
  Set<Use> readers(Value value) {
    return readers.get(value);
  }

  /** The layers with constant weights that read a value dequantized as their first input, and are linear in it. */
  List<Node> linearReaders(Value value) {
    return readers.get(value).stream().filter(use -> use.index() == 0).map(Use::node)
        .filter(node -> layers.stream().anyMatch(l -> l.node() == node && l.weight() == 1)).toList();
  }

  /** The values in ranges of their own that everyone reads dequantized, and only through a function of each element by itself. */
  Map<Value, ElementFunction> functions() {
    Map<Value, ElementFunction> functions = new LinkedHashMap<>();
    for (List<Value> group : groups()) {
      Value value = group.getFirst();
      ElementFunction function = group.size() == 1 && readers.get(value).size() == value.uses().size()
          ? ElementFunction.behind(value) : null;
      if (function != null) functions.put(value, function);
    }
    return functions;
  }

  /** Groups of values that share one range; most are alone. */
  List<List<Value>> groups() {
    Map<Value, List<Value>> groups = new LinkedHashMap<>();
    for (Value value : readers.keySet()) {
      groups.computeIfAbsent(root(value), v -> new ArrayList<>()).add(value);
    }
    return List.copyOf(groups.values());
  }
}
