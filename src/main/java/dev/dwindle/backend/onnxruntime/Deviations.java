package dev.dwindle.backend.onnxruntime;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/**
 * Nodes that ONNX Runtime loads but computes otherwise than the specification says, or refuses while running, as {@code dwindle
 * conformance} and the contract of backends found them in version 1.29.
 */
final class Deviations {
  private record Deviation(String operator, Predicate<Node> where, String what) {}

  private static final List<Deviation> ALL = List.of(
      new Deviation("Attention", n -> n.input(6) != null, "refuses a mask as long as the keys that are no padding"),
      new Deviation("Attention", n -> n.output(3) != null && integer(n, "is_causal") != 0,
          "gives the lowest FLOAT for infinity in scores under a causal mask"),
      new Deviation("ConvInteger", n -> !isOne(n.input(3)), "takes one zero point for all weights only"),
      new Deviation("MatMulInteger", n -> !isOne(n.input(2)), "takes one zero point for all rows only"),
      new Deviation("DFT", n -> true, "errs by 1e-4 where nothing should be left"),
      new Deviation("STFT", n -> true, "errs by 1e-4 where nothing should be left"),
      new Deviation("MaxUnpool", n -> n.input(2) != null,
          "reads indices as of the smallest shape, not of the given one"),
      new Deviation("ReduceMax", n -> isOf(n.input(0), DType.BOOL), "refuses BOOL where there is nothing to reduce"),
      new Deviation("ReduceMin", n -> isOf(n.input(0), DType.BOOL), "refuses BOOL where there is nothing to reduce"),
      new Deviation("Resize", n -> text(n, "coordinate_transformation_mode").equals("align_corners")
          && !text(n, "mode").equals("nearest") && !isWhole(n.input(2)),
          "aligns other corners where a scale gives no whole length"));

  private Deviations() {}

  /** What is wrong with a node's results; null where nothing is known to be. */
  static String reason(Node node) {
    for (Deviation deviation : ALL) {
      if (node.is(deviation.operator()) && deviation.where().test(node)) {
        return "ONNX Runtime's " + deviation.operator() + " " + deviation.what();
      }
    }
    return null;
  }

  private static long integer(Node node, String attribute) {
    return node.attribute(attribute) != null && node.attribute(attribute).value() instanceof Attribute.IntValue v
        ? v.value()
        : 0;
  }

  private static String text(Node node, String attribute) {
    return node.attribute(attribute) != null && node.attribute(attribute).value() instanceof Attribute.StringValue v
        ? v.text()
        : "";
  }

  private static boolean isOf(Value value, DType type) {
    return value.tensorType() != null && value.tensorType().dtype() == type;
  }

  /** Whether a value is left out or known to hold one element. */
  private static boolean isOne(Value value) {
    TensorType type = value == null || value.isConstant() ? null : value.tensorType();
    return value == null || (value.isConstant() ? value.tensor().size() == 1
        : type != null && type.isStatic() && type.shape().size() == 1);
  }

  /** Whether scales are left out or known to be whole. */
  private static boolean isWhole(Value scales) {
    return scales == null || (scales.isConstant() && DoubleStream.of(Elements.doubles(scales.tensor()))
        .allMatch(scale -> scale >= 1 && scale == Math.rint(scale)));
  }
}
