package dev.dwindle.rewrite;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Elementwise;
import dev.dwindle.op.GemmAttributes;
import dev.dwindle.rewrite.ChannelLines.Line;
import java.util.Map;
import java.util.TreeMap;

/** How the channels of an operator's inputs and outputs hang together, for operators that compute. */
final class ChannelRules {
  /**
   * The rule of an operator.
   *
   * @param inputs how many inputs it ties; those behind, which set something, stay as they are
   * @param tie ties the channels, or returns false where the node is beyond it
   */
  record Entry(int inputs, Tie tie) {}

  /** Ties the channels of a node. */
  @FunctionalInterface
  interface Tie {
    boolean apply(Node node, ChannelLines lines);
  }

  private static final int ALL = Integer.MAX_VALUE;

  private static final Map<String, Entry> RULES = new TreeMap<>(Map.of(
      "Conv", new Entry(3, ChannelRules::convolution),
      "ConvTranspose", new Entry(3, ChannelRules::transposedConvolution),
      "Gemm", new Entry(3, ChannelRules::gemm),
      "MatMul", new Entry(2, ChannelRules::matMul),
      "BatchNormalization", new Entry(5, ChannelRules::batchNormalization)));

  static {
    for (String name : Elementwise.names()) {
      RULES.put(name, new Entry(ALL, ChannelRules::elementwise));
    }
    for (String name : new String[] {"MaxPool", "AveragePool", "LpPool", "GlobalMaxPool", "GlobalAveragePool",
        "GlobalLpPool"}) {
      RULES.put(name, new Entry(1, ChannelRules::pool));
    }
    RULES.putAll(ChannelMoves.RULES);
  }

  private ChannelRules() {}

  /** The rule of a node's operator, or null. */
  static Entry of(Node node) {
    return node.domain().isEmpty() ? RULES.get(node.operator()) : null;
  }

  private static boolean elementwise(Node node, ChannelLines lines) {
    node.inputs().forEach(input -> broadcast(input, node.output(), lines));
    return true;
  }

  /** Ties an operand to the result to whose shape it is broadcast. */
  private static void broadcast(Value from, Value to, ChannelLines lines) {
    if (from == null) return;
    TensorType type = lines.types().tensorType(from);
    TensorType wide = lines.types().tensorType(to);
    if (!type.hasRank() || !wide.hasRank()) {
      lines.stay(from);
      lines.stay(to);
      return;
    }
    for (int axis = -1; axis >= -type.rank(); axis--) {
      if (!type.dim(axis).is(1)) lines.tie(from, axis, to, axis);
    }
  }

  private static boolean convolution(Node node, ChannelLines lines) {
    Value x = node.input(0);
    Value w = node.input(1);
    Value y = node.output();
    int rank = lines.rank(x);
    if (rank < 3 || lines.rank(w) != rank || lines.rank(y) != rank) return false;
    lines.tie(x, 0, y, 0);
    for (int axis = 2; axis < rank; axis++) {
      lines.stay(x, axis);
      lines.stay(w, axis);
      lines.stay(y, axis);
    }
    long groups = new Call(node).integer("group", 1);
    lines.tie(w, 0, y, 1);
    if (node.input(2) != null) lines.tie(node.input(2), 0, y, 1);
    lines.produce(w, 0);
    return groups == 1 ? tied(x, 1, w, 1, lines)
        : isDepthwise(node, lines.types()) ? depthwise(lines.line(x, 1), lines.line(y, 1), lines)
            : repeats(x, groups, w, 1, lines) && repeats(y, groups, null, 0, lines);
  }

  private static boolean tied(Value a, int axisA, Value b, int axisB, ChannelLines lines) {
    lines.tie(a, axisA, b, axisB);
    return true;
  }

  /** Whether a convolution has as many groups as input channels, and more than one. */
  static boolean isDepthwise(Node node, Types types) {
    TensorType x = types.tensorType(node.input(0));
    long groups = new Call(node).integer("group", 1);
    return groups > 1 && x.hasRank() && x.rank() > 2 && x.dim(1).is(groups);
  }

  /** Ties each input channel to the outputs that are made of it. */
  private static boolean depthwise(Line x, Line y, ChannelLines lines) {
    if (x == null || y == null || y.size() % x.size() != 0) return false;
    for (int i = 0; i < y.size(); i++) {
      lines.tie(y, i, x, i / (y.size() / x.size()));
    }
    return true;
  }

  /** Ties the channels that have the same place in each group of a value, and that place in the weights where they say one. */
  private static boolean repeats(Value value, long groups, Value w, int axis, ChannelLines lines) {
    Line line = lines.line(value, 1);
    if (line == null || line.size() % groups != 0) return false;
    int each = (int) (line.size() / groups);
    Line weights = w == null ? null : lines.line(w, axis);
    for (int i = 0; i < line.size(); i++) {
      lines.tie(line, i, line, i % each);
      if (weights != null) lines.tie(line, i, weights, i % each);
    }
    return weights == null || weights.size() == each;
  }

  private static boolean transposedConvolution(Node node, ChannelLines lines) {
    Value x = node.input(0);
    Value w = node.input(1);
    Value y = node.output();
    int rank = lines.rank(x);
    if (rank < 3 || lines.rank(w) != rank || lines.rank(y) != rank || new Call(node).hasAttribute("output_shape")) {
      return false;
    }
    lines.tie(x, 0, y, 0);
    for (int axis = 2; axis < rank; axis++) {
      lines.stay(x, axis);
      lines.stay(w, axis);
      lines.stay(y, axis);
    }
    long groups = new Call(node).integer("group", 1);
    lines.tie(x, 1, w, 0);
    if (node.input(2) != null) lines.tie(node.input(2), 0, y, 1);
    if (groups == 1) {
      lines.produce(w, 1);
      return tied(w, 1, y, 1, lines);
    }
    if (isDepthwise(node, lines.types())) {
      lines.stay(w, 1);
      lines.produce(w, 0);
      return depthwise(lines.line(x, 1), lines.line(y, 1), lines);
    }
    lines.produce(w, 1);
    return repeats(x, groups, null, 0, lines) && repeats(y, groups, w, 1, lines);
  }

  private static boolean gemm(Node node, ChannelLines lines) {
    GemmAttributes attributes = GemmAttributes.of(new Call(node));
    Value a = node.input(0);
    Value b = node.input(1);
    Value y = node.output();
    if (lines.rank(a) != 2 || lines.rank(b) != 2 || lines.rank(y) != 2) return false;
    int inner = attributes.transposeA() ? 0 : 1;
    int columns = attributes.transposeB() ? 0 : 1;
    lines.tie(a, inner, b, 1 - columns);
    lines.tie(a, 1 - inner, y, 0);
    lines.tie(b, columns, y, 1);
    lines.produce(b, columns);
    lines.produce(a, 1 - inner);
    broadcast(node.input(2), y, lines);
    return true;
  }

  private static boolean matMul(Node node, ChannelLines lines) {
    Value a = node.input(0);
    Value b = node.input(1);
    Value y = node.output();
    if (lines.rank(a) < 2 || lines.rank(b) < 2 || lines.rank(y) < 2) return false;
    lines.tie(a, -1, b, -2);
    lines.tie(a, -2, y, -2);
    lines.tie(b, -1, y, -1);
    lines.produce(b, -1);
    lines.produce(a, -2);
    stacks(a, y, lines);
    stacks(b, y, lines);
    return true;
  }

  /** Ties the axes before the last two, which broadcast. */
  private static void stacks(Value operand, Value y, ChannelLines lines) {
    for (int axis = -3; axis >= -lines.rank(operand); axis--) {
      Dim dim = lines.types().tensorType(operand).dim(axis);
      if (!dim.is(1)) lines.tie(operand, axis, y, axis);
    }
  }

  private static boolean batchNormalization(Node node, ChannelLines lines) {
    Call call = new Call(node);
    if (lines.rank(node.input(0)) < 2 || call.flag("training_mode", false) || !call.flag("spatial", true)) return false;
    lines.tie(node.input(0), node.output());
    for (int i = 1; i < 5; i++) {
      lines.tie(node.input(i), 0, node.output(), 1);
    }
    return true;
  }

  private static boolean pool(Node node, ChannelLines lines) {
    Value x = node.input(0);
    if (lines.rank(x) < 3 || lines.rank(node.output()) != lines.rank(x)) return false;
    for (int axis = 0; axis < lines.rank(x); axis++) {
      if (axis < 2) {
        lines.tie(x, axis, node.output(), axis);
      } else {
        lines.stay(x, axis);
        lines.stay(node.output(), axis);
      }
    }
    return true;
  }
}
