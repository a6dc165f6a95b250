package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import java.util.Arrays;
import java.util.List;

/** Lift rules for operators whose meaning or defaults changed. */
final class LiftsOfMeaning {
  private LiftsOfMeaning() {}

  /** BatchNormalization-9: {@code spatial} is gone; statistics per element become plain arithmetic. */
  static void batchNormalizationSpatial(LiftCall call) {
    if (call.flag("spatial", true)) {
      call.node().removeAttribute("spatial");
      return;
    }
    requireUnused(call, 1);
    Value variance = call.op("Add", List.of(), call.input(4), call.scalar("epsilon", call.real("epsilon", 1e-5f)));
    Value deviation = call.op("Sqrt", List.of(), variance);
    Value centred = call.op("Sub", List.of(), call.input(0), call.input(3));
    Value scaled = call.op("Mul", List.of(), call.op("Div", List.of(), centred, deviation), call.input(1));
    Value result = call.op("Add", List.of(), scaled, call.input(2));
    Rewiring.replace(call.node(), Arrays.asList(result, null, null, null, null));
  }

  /** BatchNormalization-14: only the first output is left outside training. */
  static void batchNormalizationOutputs(LiftCall call) {
    requireUnused(call, 1);
    if (call.outputCount() > 1) {
      call.become("BatchNormalization", call.node().inputs().toArray(Value[]::new));
    }
  }

  private static void requireUnused(LiftCall call, int from) {
    for (int i = from; i < call.outputCount(); i++) {
      if (call.wants(i) && !call.node().output(i).isUnused()) {
        throw call.impossible("output " + i + " ('" + call.node().output(i).name() + "') is read, which is left only "
            + "in training");
      }
    }
  }

  /** Softmax-13, LogSoftmax-13, Hardmax-13: along one axis, no longer over all axes from it on. */
  static void softmax(LiftCall call) {
    Node node = call.node();
    long axis = call.integer("axis", 1);
    if (axis == -1 || isLast(call, axis)) {
      node.setAttribute(Attribute.of("axis", axis));
      return;
    }
    Value shape = call.op("Shape", List.of(), call.input(0));
    Value rows = call.op("Flatten", List.of(Attribute.of("axis", axis)), call.input(0));
    Value result = call.op(node.operator(), List.of(Attribute.of("axis", -1L)), rows);
    result.producer().setName(node.name());
    Rewiring.replace(node, List.of(call.op("Reshape", List.of(), result, shape)));
  }

  /** Whether all axes behind this one have the length 1. */
  private static boolean isLast(LiftCall call, long axis) {
    TensorType type = call.type(0);
    if (!type.hasRank()) {
      return false;
    }
    List<Dim> behind = type.dims().subList(call.axis(axis, type.rank()) + 1, type.rank());
    return behind.stream().allMatch(d -> d.is(1));
  }

  /** Scatter, deprecated in 11: ScatterElements. */
  static void scatter(LiftCall call) {
    call.become("ScatterElements", call.node().inputs().toArray(Value[]::new));
  }

  /** RoiAlign-16: half_pixel became the default. */
  static void roiAlign(LiftCall call) {
    call.node().setAttribute(Attribute.of("coordinate_transformation_mode", "output_half_pixel"));
  }

  /** GridSample-20: other words for the modes. */
  static void gridSample(LiftCall call) {
    String mode = call.text("mode", "bilinear");
    String word = mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode;
    call.node().setAttribute(Attribute.of("mode", word));
  }

  /** GroupNormalization-21: scale and bias per channel, no longer per group. */
  static void groupNormalization(LiftCall call) {
    TensorType type = call.type(0);
    long groups = call.integer("num_groups");
    if (!type.hasRank() || type.rank() < 2 || !type.dim(1).isKnown()) {
      throw call.impossible("the number of channels is not known");
    }
    long each = type.dim(1).size() / groups;
    for (int i = 1; i <= 2; i++) {
      Value column = call.op("Reshape", List.of(), call.input(i), call.vector("column", groups, 1));
      Value repeated = call.op("Expand", List.of(), column, call.vector("repeated", groups, each));
      call.node().setInput(i, call.op("Reshape", List.of(), repeated, call.vector("flat", -1)));
    }
  }
}
