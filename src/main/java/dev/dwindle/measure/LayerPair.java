package dev.dwindle.measure;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Equalization;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A layer of the original and its counterpart in the compressed model: both make the value of the same name. */
record LayerPair(Node original, Node compressed) {
  private static final Set<String> LAYERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "LSTM", "GRU");

  /** The layers of two graphs, in the order of the compressed one; values that only one has are left out. */
  static List<LayerPair> of(Graph original, Graph compressed) {
    List<LayerPair> pairs = new ArrayList<>();
    for (Node node : compressed.nodes()) {
      Value twin = node.outputs().isEmpty() || node.output() == null ? null : original.value(node.output().name());
      boolean made = twin != null && twin.producer() != null && isFloat(twin);
      if (made && (isLayer(node) || isLayer(twin.producer()) || isLookup(twin.producer())))
        pairs.add(new LayerPair(twin.producer(), node));
    }
    return pairs;
  }

  /**
   * Those of the pairs whose output, and what the original reads of activations, have the same shapes in both models, as far as these follow: a network that took the place of
   * another may have its names.
   */
  static List<LayerPair> alike(Model original, Model compressed, List<LayerPair> pairs) {
    Types before = ShapeInference.of(original.graph());
    Types after = ShapeInference.of(compressed.graph());
    return pairs.stream().filter(pair -> {
      List<Value> values = new ArrayList<>(pair.original.inputs());
      values.add(pair.original.output());
      return values.stream().filter(value -> value != null && !value.isConstant()).allMatch(value -> {
        Value twin = compressed.graph().value(value.name());
        return twin == null || twin.isConstant() || !(before.type(value) instanceof TensorType one)
            || !(after.type(twin) instanceof TensorType other) || one.mayHaveShapeOf(other);
      });
    }).toList();
  }

  private static boolean isLayer(Node node) {
    return node.domain().isEmpty() && LAYERS.contains(node.operator());
  }

  /** An embedding: rows of a constant table, which formats for weights alone compress too. */
  private static boolean isLookup(Node node) {
    Tensor table = node.is("Gather") ? node.input(0).tensor() : null;
    return table != null && table.shape().rank() == 2 && table.dtype().isFloating();
  }

  private static boolean isFloat(Value value) {
    TensorType type = value.tensorType();
    return type == null || type.dtype() == null || type.dtype() == DType.FLOAT;
  }

  /**
   * The original in the form in which its layers are those of the compressed model: raised to its operator set, simplified where the compressed model was (a convolution
   * that took in its BatchNormalization makes the value which that made), and with its channels divided as there.
   */
  static Model comparable(Model original, Model compressed) {
    Model model = original.copy();
    boolean alike = of(model.graph(), compressed.graph()).stream()
        .allMatch(pair -> pair.original().operator().equals(pair.compressed().operator()));
    if (!alike) Simplification.simplify(model.graph());
    Equalization.repeat(compressed, model);
    if (alike && !Equalization.unlike(compressed, model).isEmpty()) {
      model = original.copy();
      Simplification.simplify(model.graph());
      Equalization.repeat(compressed, model);
    }
    compressed.opsets().forEach(model.opsets()::putIfAbsent);
    return lifted(model, compressed.graph().opset(""));
  }

  /** Those of the pairs that neither make nor read values of which the channels are divided in one model alone. */
  static List<LayerPair> undivided(Model original, Model compressed, List<LayerPair> pairs) {
    Set<String> divided = Equalization.unlike(compressed, original);
    if (divided.isEmpty()) return pairs;
    Set<Node> touched = new HashSet<>();
    for (Graph graph : List.of(original.graph(), compressed.graph())) {
      for (String name : divided) {
        Value value = graph.value(name);
        if (value != null && value.producer() != null) touchReaders(value.producer(), touched);
      }
    }
    return pairs.stream().filter(pair -> !touched.contains(pair.original) && !touched.contains(pair.compressed))
        .toList();
  }

  /** A layer and all that reads what it makes, up to the next layers. */
  private static void touchReaders(Node layer, Set<Node> touched) {
    if (!touched.add(layer)) return;
    for (Value output : layer.outputs()) {
      if (output == null) continue;
      for (Use use : output.uses()) {
        if (isLayer(use.node())) {
          touched.add(use.node());
        } else {
          touchReaders(use.node(), touched);
        }
      }
    }
  }

  private static Model lifted(Model model, int opset) {
    Model lifted = model.copy();
    try {
      OpsetLift.lift(lifted, opset);
      return lifted;
    } catch (InvalidInputException e) {
      return model; // of two files that were not made of each other, one may be too old to be raised
    }
  }

  /** The operator as the original names it, except where it was folded into another. */
  String operator() {
    return isLayer(original) || isLookup(original) ? original.operator() : compressed.operator();
  }

  /** The node's name, or its output's where it has none. */
  String name() {
    return compressed.name().isEmpty() ? compressed.output().name() : compressed.name();
  }
}
