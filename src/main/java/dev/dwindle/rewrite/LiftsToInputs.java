package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Lift rules for attributes that became inputs. */
final class LiftsToInputs {
  private LiftsToInputs() {}

  /** Squeeze, Unsqueeze, ReduceSum (13), the other reductions (18): {@code axes} is an input. */
  static void axes(LiftCall call) {
    call.integersToInput("axes", 1);
  }

  /** Split-13: {@code split} is an input. */
  static void split(LiftCall call) {
    call.integersToInput("split", 1);
  }

  /** Split-18: an even split must say into how many parts. */
  static void splitCount(LiftCall call) {
    if (!call.has(1)) {
      call.node().setAttribute(Attribute.of("num_outputs", call.outputCount()));
    }
  }

  /** Slice-10: starts, ends and axes are inputs. */
  static void slice(LiftCall call) {
    call.integersToInput("starts", 1);
    call.integersToInput("ends", 2);
    call.integersToInput("axes", 3);
  }

  /** TopK-10: {@code k} is an input. */
  static void topK(LiftCall call) {
    call.integersToInput("k", 1);
  }

  /** Clip-11: bounds are inputs of the data's type, and absent where they bound nothing. */
  static void clip(LiftCall call) {
    String[] names = {"min", "max"};
    for (int i = 0; i < 2; i++) {
      if (call.hasAttribute(names[i])) {
        call.node().setInput(1 + i, call.scalar(names[i], call.real(names[i], 0)));
        call.node().removeAttribute(names[i]);
      }
    }
  }

  /** Pad-11: pads and the value to pad with are inputs. */
  static void pad(LiftCall call) {
    float value = call.real("value", 0);
    call.integersToInput("pads", 1);
    if (value != 0) {
      call.node().setInput(2, call.scalar("value", value));
    }
    call.node().removeAttribute("value");
  }

  /** Dropout-10: the mask is BOOL, no longer of the data's type; its readers get a cast of it. */
  static void dropoutMask(LiftCall call) {
    Node node = call.node();
    if (!call.wants(1) || node.output(1).isUnused()) {
      return;
    }
    long code = call.dtype(0).code();
    NodeBuilder builder = node.graph().node("Dropout").name(node.name()).in(call.input(0))
        .out(node.output().name(), call.type(0)).out(node.output(1).name(), call.type(0).with(DType.BOOL));
    node.attributes().forEach(builder::attribute);
    List<Value> outputs = builder.before(node).outputs();
    Value mask = call.op("Cast", List.of(Attribute.of("to", code)), outputs.get(1));
    Rewiring.replace(node, List.of(outputs.get(0), mask));
  }

  /** Dropout-12: the ratio is an input; without a third input nothing is dropped, as before. */
  static void dropout(LiftCall call) {
    if (call.hasAttribute("ratio")) {
      call.node().setInput(1, call.scalar("ratio", call.real("ratio", 0.5f)));
      call.node().removeAttribute("ratio");
    }
  }

  /** DFT-20: the axis is an input; the one left out used to be 1. */
  static void dft(LiftCall call) {
    call.node().setInput(2, call.constant("axis", Tensor.scalar(call.integer("axis", 1))));
    call.node().removeAttribute("axis");
  }

  /** Upsample-9: the scales are an input. */
  static void upsampleScales(LiftCall call) {
    float[] scales = call.reals("scales");
    if (scales == null || scales.length == 0) {
      throw call.invalid("attribute 'scales' is missing");
    }
    call.node().setInput(1, call.constant("scales", Tensor.of(Shape.of(scales.length), scales)));
    call.node().removeAttribute("scales");
  }
}
