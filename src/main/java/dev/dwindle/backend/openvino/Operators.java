package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Support;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What OpenVINO 2026.4 computes wrongly without a word, found by the ONNX project's node tests; what it refuses, it says
 * itself, and {@link Refusals} remembers.
 */
final class Operators {
  /** Nodes of these operators that are like this get other values than the specification's. */
  private record Wrong(Set<String> operators, Predicate<Node> when, String reason) {}

  private static final Predicate<Node> ALWAYS = node -> true;

  private static final List<Wrong> WRONG = List.of(
      new Wrong(Set.of("Attention"), node -> node.attribute("left_window_size") != null
          || node.attribute("right_window_size") != null, "windows are left out of account"),
      new Wrong(Set.of("Attention"), node -> node.input(4) != null && integer(node, "is_causal") == 1,
          "what came before is masked out as if it came later"),
      new Wrong(Set.of("BitShift"),
          node -> !text(node, "direction").equals("RIGHT") || !isUnsigned(type(node.output(0))),
          "signs and bits that are shifted out are not the specification's"),
      new Wrong(Set.of("DFT"), ALWAYS, "axes are confused, and shapes of real transforms are others"),
      new Wrong(Set.of("Cast", "CastLike", "QuantizeLinear"), node -> isFloat8(type(node.output(0))),
          "values beyond the range of FP8 do not saturate"),
      new Wrong(Set.of("Dropout"), node -> node.inputs().size() > 1, "inputs are lost together with their names"),
      new Wrong(Set.of("GRU", "LSTM", "RNN"), node -> integer(node, "layout") == 1,
          "batches come first, and are mixed up"),
      new Wrong(Set.of("LSTM"), node -> node.input(7) != null, "peepholes are left out"),
      new Wrong(Set.of("MaxPool"), node -> integer(node, "ceil_mode") == 1,
          "a window that would begin in the padding is counted"),
      new Wrong(Set.of("NonMaxSuppression"), ALWAYS, "boxes that overlap by just the threshold are dropped"),
      new Wrong(Set.of("ReduceMax", "ReduceMin"), node -> !isInteger(type(node.output(0))),
          "the end of nothing but infinities, or of nothing, is finite"),
      new Wrong(Set.of("Resize"), node -> integer(node, "antialias") == 1 || integer(node, "exclude_outside") == 1,
          "antialias and exclude_outside are computed otherwise"),
      new Wrong(Set.of("Resize"), node -> !text(node, "keep_aspect_ratio_policy").matches("|stretch"),
          "keep_aspect_ratio_policy is left out of account"),
      new Wrong(Set.of("Resize"), node -> text(node, "coordinate_transformation_mode").equals("align_corners")
          && node.input(3) == null, "corners are aligned by the sizes, not by the scales"),
      new Wrong(Set.of("RoiAlign"), node -> text(node, "mode").equals("max"), "the maximum is taken of other points"),
      new Wrong(Set.of("SpaceToDepth"), node -> text(node, "mode").equals("CRD"),
          "the order CRD is left out of account"),
      new Wrong(Set.of("Tile"), node -> !isConstant(node.input(1)),
          "what is repeated a number of times not known before"
              + " is read from elsewhere"),
      new Wrong(Set.of("TopK"), ALWAYS, "of equal values the last come first"));

  private static final Set<DType> FLOAT8 = EnumSet.of(DType.FLOAT8E4M3FN, DType.FLOAT8E5M2);

  /** Types that the library takes, but computes in a smaller one. */
  private static final Set<DType> NARROWED = EnumSet.of(DType.DOUBLE, DType.UINT32, DType.UINT64);

  private Operators() {}

  /** Whether a node's values are right; what is refused is not known here. */
  static Support supports(Node node) {
    if (!node.domain().isEmpty()) return no(node, "operators of domain " + node.domain() + " are not OpenVINO's");
    for (Wrong wrong : WRONG) {
      if (wrong.operators.contains(node.operator()) && wrong.when.test(node)) return no(node, wrong.reason);
    }
    for (Value value : Stream.concat(node.inputs().stream(), node.outputs().stream()).toList()) {
      String reason = value == null ? null : unfit(value);
      if (reason != null) return no(node, reason);
    }
    for (Graph body : node.subgraphs()) {
      for (Node inner : body.nodes()) {
        if (supports(inner) instanceof Support.No no) return no;
      }
    }
    return Support.YES;
  }

  private static Support no(Node node, String reason) {
    return Support.no(node.label() + ": " + reason);
  }

  /** Why a value's type is beyond the library, or null. */
  private static String unfit(Value value) {
    if (value.type() != null && value.tensorType() == null) return "'" + value.name() + "' is no tensor";
    DType dtype = type(value);
    if (dtype == null) return null;
    if (!OpenVino.has(dtype)) return "it has no " + dtype.text();
    return NARROWED.contains(dtype) ? dtype.text() + " is computed in a smaller type" : null;
  }

  private static DType type(Value value) {
    TensorType type = value == null ? null : value.tensorType();
    return type == null ? null : type.dtype();
  }

  private static boolean isConstant(Value value) {
    return value != null && (value.isConstant() || value.producer() != null && value.producer().is("Constant"));
  }

  private static boolean isInteger(DType dtype) { return dtype != null && dtype.isInteger(); }

  private static boolean isUnsigned(DType dtype) { return dtype != null && dtype.isUnsigned(); }

  private static boolean isFloat8(DType dtype) { return dtype != null && FLOAT8.contains(dtype); }

  private static long integer(Node node, String attribute) {
    return node.attribute(attribute) instanceof Attribute a && a.value() instanceof Attribute.IntValue v ? v.value()
        : 0;
  }

  private static String text(Node node, String attribute) {
    return node.attribute(attribute) instanceof Attribute a && a.value() instanceof Attribute.StringValue v ? v.text()
        : "";
  }
}
