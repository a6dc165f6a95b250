package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Rules for nodes that only give the same elements another shape or order. */
final class Views {
  private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze");

  private Views() {}

  private static boolean isView(Node node) {
    return node != null && node.domain().isEmpty() && VIEWS.contains(node.operator());
  }

  /** A Transpose of a Transpose is one Transpose. */
  static boolean transposes(Node node, Types types) {
    Node inner = node.is("Transpose") ? node.producer(0) : null;
    if (inner == null || !inner.is("Transpose")) {
      return false;
    }
    long[] outer = perm(node, types);
    long[] first = perm(inner, types);
    if (outer == null || first == null) {
      return false;
    }
    long[] both = Arrays.stream(outer).map(axis -> first[(int) axis]).toArray();
    node.setInput(0, inner.input(0));
    node.setAttribute(Attribute.of("perm", both));
    return true;
  }

  private static long[] perm(Node node, Types types) {
    long[] perm = new Call(node).integers("perm", (long[]) null);
    if (perm == null && types.tensorType(node.output()).hasRank()) {
      int rank = types.tensorType(node.output()).rank();
      perm = new long[rank];
      for (int i = 0; i < rank; i++) {
        perm[i] = rank - 1 - i;
      }
    }
    return perm;
  }

  /** A Reshape whose shape is computed reads a constant, where each unknown dimension is copied or is the only rest. */
  static boolean constantShape(Node node, Types types) {
    if (!node.is("Reshape") || node.input(1) == null || node.input(1).isConstant()) {
      return false;
    }
    long[] shape = shape(types.tensorType(node.output()).dims(), types.tensorType(node.input(0)).dims());
    if (shape == null) {
      return false;
    }
    Value constant = node.graph().addConstant(node.output().name() + "_shape",
        Tensor.of(Shape.of(shape.length), shape));
    node.setInput(1, constant);
    node.removeAttribute("allowzero");
    return true;
  }

  /** A view of a view is one Reshape of what the first one reads. */
  static boolean chain(Node node, Types types) {
    Node inner = isView(node) ? node.producer(0) : null;
    if (!isView(inner)) {
      return false;
    }
    Value source = inner.input(0);
    long[] shape = shape(types.tensorType(node.output()).dims(), types.tensorType(source).dims());
    if (shape != null) {
      Value constant = node.graph().addConstant(node.output().name() + "_shape",
          Tensor.of(Shape.of(shape.length), shape));
      NodeBuilder reshape = node.graph().node("Reshape").name(node.name()).in(source, constant)
          .out(node.output().name(), types.type(node.output()));
      Rewiring.replace(node, reshape.before(node).outputs());
      return true;
    }
    if (node.is("Reshape") && copiesNothing(node, types)) {
      node.setInput(0, source);
      return true;
    }
    return false;
  }

  private static boolean copiesNothing(Node node, Types types) {
    Tensor shape = types.tensor(node.input(1));
    return shape != null && Arrays.stream(Elements.longs(shape)).noneMatch(d -> d == 0);
  }

  /**
   * A constant for Reshape that gives these dimensions: known ones as they are, 0 for one that the input has at the same
   * place, -1 for one more; null where that is not enough.
   */
  private static long[] shape(List<Dim> wanted, List<Dim> from) {
    if (wanted == null || wanted.stream().anyMatch(d -> d.is(0))) {
      return null;
    }
    long[] shape = new long[wanted.size()];
    long unknown = wanted.stream().filter(d -> !d.isKnown()).count();
    boolean restUsed = false;
    for (int i = 0; i < shape.length; i++) {
      Dim dim = wanted.get(i);
      boolean copied = from != null && i < from.size() && from.get(i).equals(dim);
      if (dim.isKnown()) {
        shape[i] = dim.size();
      } else if (copied && unknown > 1) {
        shape[i] = 0;
      } else if (!restUsed) {
        shape[i] = -1;
        restUsed = true;
      } else {
        return null;
      }
    }
    return shape;
  }
}
