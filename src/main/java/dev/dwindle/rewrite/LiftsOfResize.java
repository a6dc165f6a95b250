package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Lift rules from Upsample to Resize and through the versions of Resize. */
final class LiftsOfResize {
  private LiftsOfResize() {}

  /** Upsample, deprecated in 10: Resize. */
  static void upsample(LiftCall call) {
    call.become("Resize", call.input(0), call.input(1));
  }

  /**
   * Resize-11: the coordinates, the rounding and a region are said. Resize-10 rounds down where it enlarges and up where
   * it shrinks (its node tests); where one node may do both, two do it one after the other.
   */
  static void resize11(LiftCall call) {
    Tensor scales = call.known(1);
    float[] known = scales == null ? null : scales.floats();
    boolean linear = call.text("mode", "nearest").equals("linear");
    if (linear || all(known, 1, Float.MAX_VALUE)) {
      become11(call, call.input(0), call.input(1), "floor");
    } else if (all(known, 0, 1)) {
      become11(call, call.input(0), call.input(1), "ceil");
    } else {
      Value one = call.constant("one", Tensor.of(Shape.of(1), 1f));
      Value up = call.op("Max", List.of(), call.input(1), one);
      Value down = call.op("Min", List.of(), call.input(1), one);
      Value empty = empty(call);
      Value enlarged = call.op("Resize", attributes("floor"), call.input(0), empty, up);
      become11(call, enlarged, down, "ceil");
    }
  }

  private static void become11(LiftCall call, Value data, Value scales, String rounding) {
    Node node = call.node();
    node.setInput(0, data);
    node.setInput(1, empty(call));
    node.setInput(2, scales);
    attributes(rounding).forEach(node::setAttribute);
  }

  private static List<Attribute> attributes(String rounding) {
    return List.of(Attribute.of("coordinate_transformation_mode", "asymmetric"),
        Attribute.of("nearest_mode", rounding));
  }

  private static Value empty(LiftCall call) {
    return call.constant("roi", Tensor.of(Shape.of(0), new float[0]));
  }

  private static boolean all(float[] scales, float min, float max) {
    if (scales == null) {
      return false;
    }
    for (float scale : scales) {
      if (scale < min || scale > max) {
        return false;
      }
    }
    return true;
  }

  /**
   * Resize-13: region and scales may be left out, and scales must where sizes are given; tf_half_pixel_for_nn is gone,
   * which rounding down is the same as half_pixel rounding half up.
   */
  static void resize13(LiftCall call) {
    Node node = call.node();
    Tensor region = call.known(1);
    if (region != null && region.size() == 0) {
      node.setInput(1, null);
    }
    if (call.has(3)) {
      node.setInput(2, null);
    }
    if (call.text("coordinate_transformation_mode", "half_pixel").equals("tf_half_pixel_for_nn")) {
      String rounding = call.text("nearest_mode", "round_prefer_floor");
      if (!rounding.equals("floor")) {
        throw call.impossible("coordinate_transformation_mode is tf_half_pixel_for_nn and nearest_mode " + rounding
            + ", of which only floor has an equal");
      }
      node.setAttribute(Attribute.of("coordinate_transformation_mode", "half_pixel"));
      node.setAttribute(Attribute.of("nearest_mode", "round_prefer_ceil"));
    }
  }
}
