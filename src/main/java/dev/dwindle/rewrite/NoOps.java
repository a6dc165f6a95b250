package dev.dwindle.rewrite;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Rules for nodes whose output is their first input. */
final class NoOps {
  private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile");
  private static final Set<String> SINGLES = Set.of("Concat", "Sum", "Max", "Min", "Mean");

  private NoOps() {}

  static boolean identity(Node node, Types types) {
    return node.is("Identity") && bypass(node);
  }

  static boolean dropout(Node node, Types types) {
    if (!node.is("Dropout")) {
      return false;
    }
    Tensor training = node.input(2) == null ? null : types.tensor(node.input(2));
    boolean infers = node.input(2) == null || training != null && Elements.longs(training)[0] == 0;
    return infers && bypass(node);
  }

  static boolean cast(Node node, Types types) {
    return node.is("Cast") && types.tensorType(node.input(0)).dtype() != null
        && types.tensorType(node.input(0)).dtype().code() == new Call(node).integer("to", 0) && bypass(node);
  }

  /** A view or a repetition that leaves every dimension as it is. */
  static boolean view(Node node, Types types) {
    return node.domain().isEmpty() && VIEWS.contains(node.operator()) && sameDims(node, types) && bypass(node);
  }

  static boolean transpose(Node node, Types types) {
    return node.is("Transpose") && isSorted(new Call(node).integers("perm", (long[]) null)) && bypass(node);
  }

  private static boolean isSorted(long[] perm) {
    for (int i = 0; perm != null && i < perm.length; i++) {
      if (perm[i] != i) {
        return false;
      }
    }
    return perm != null;
  }

  /** A Slice of everything, forwards. */
  static boolean slice(Node node, Types types) {
    if (!node.is("Slice") || !sameDims(node, types)) {
      return false;
    }
    Tensor steps = node.input(4) == null ? null : types.tensor(node.input(4));
    boolean forwards = node.input(4) == null
        || steps != null && Arrays.stream(Elements.longs(steps)).allMatch(s -> s == 1);
    return forwards && bypass(node);
  }

  /** A Pad that adds nothing on any side. */
  static boolean pad(Node node, Types types) {
    if (!node.is("Pad")) {
      return false;
    }
    long[] pads = node.version() < 11 ? new Call(node).integers("pads", (long[]) null)
        : types.tensor(node.input(1)) == null ? null : Elements.longs(types.tensor(node.input(1)));
    return pads != null && Arrays.stream(pads).allMatch(p -> p == 0) && bypass(node);
  }

  /** A join, or a sum or extreme, of one value. */
  static boolean single(Node node, Types types) {
    return node.domain().isEmpty() && SINGLES.contains(node.operator()) && node.inputs().size() == 1 && bypass(node);
  }

  /** A Split into one part. */
  static boolean split(Node node, Types types) {
    return node.is("Split") && node.outputs().size() == 1 && sameDims(node, types) && bypass(node);
  }

  /** Times 1, divided by 1, plus 0, minus 0, to the power of 1; a constant on the left only where that is the same. */
  static boolean neutral(Node node, Types types) {
    if (!node.domain().isEmpty() || node.inputs().size() != 2) {
      return false;
    }
    double neutral;
    switch (node.operator()) {
      case "Mul", "Div", "Pow" -> neutral = 1;
      case "Add", "Sub" -> neutral = 0;
      default -> {
        return false;
      }
    }
    boolean commutes = node.is("Mul") || node.is("Add");
    for (int constant = commutes ? 0 : 1; constant < 2; constant++) {
      Value other = node.input(1 - constant);
      if (isAll(types.tensor(node.input(constant)), neutral) && sameType(node, other, types)
          && Rewiring.canBypass(node, other)) {
        Rewiring.bypass(node, other);
        return true;
      }
    }
    return false;
  }

  private static boolean isAll(Tensor tensor, double value) {
    return tensor != null && (tensor.dtype().isFloating() || tensor.dtype().isInteger())
        && Arrays.stream(Elements.doubles(tensor)).allMatch(v -> v == value);
  }

  private static boolean sameType(Node node, Value other, Types types) {
    TensorType type = types.tensorType(other);
    return type.dtype() != null && type.dtype() == types.tensorType(node.output()).dtype()
        && sameDims(types.tensorType(node.output()).dims(), type.dims());
  }

  private static boolean sameDims(Node node, Types types) {
    return sameDims(types.tensorType(node.output()).dims(), types.tensorType(node.input(0)).dims());
  }

  private static boolean sameDims(List<Dim> a, List<Dim> b) {
    return a != null && a.equals(b);
  }

  private static boolean bypass(Node node) {
    if (!Rewiring.canBypass(node, node.input(0))) {
      return false;
    }
    Rewiring.bypass(node, node.input(0));
    return true;
  }
}
