package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;

/** Attention scores: division or multiplication by a constant, perhaps Add of a mask, then Softmax over the last axis. */
final class ScoreFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    if (!node.is("Softmax") || !Fused.isFloat(node.input(0)) || !isLastAxis(node)) {
      return false;
    }
    Value scores = node.input(0);
    Value mask = null;
    Node add = scores.producer();
    if (add != null && add.is("Add") && Fused.onlyReader(scores) == node && isMask(add)) {
      mask = add.input(1);
      scores = add.input(0);
    }
    float scale = 1;
    Node last = mask == null ? node : add;
    Node scaling = scores.producer();
    if (scaling != null && Fused.onlyReader(scores) == last && !Float.isNaN(scale(scaling))) {
      scale = scale(scaling);
      scores = scaling.input(0);
    }
    if (mask == null && scale == 1) {
      return false;
    }
    Node fused = Fused.replace(node, null, "Softmax", Fused.name(node), scores, mask);
    fused.setAttribute(Attribute.of("scale", scale));
    return true;
  }

  static boolean isLastAxis(Node softmax) {
    int rank = Fused.shape(softmax.input(0)).rank();
    long axis = new Call(softmax).integer("axis", softmax.version() < 13 ? 1 : -1);
    return rank > 0 && (axis == -1 || axis == rank - 1);
  }

  /** Whether the second addend broadcasts to the first. */
  private static boolean isMask(Node add) {
    return Fused.isFloat(add.input(0)) && Fused.isFloat(add.input(1))
        && Fused.shape(add.input(0)).equals(Fused.shape(add.output()));
  }

  private static float scale(Node node) {
    float constant = node.inputs().size() == 2 ? Fused.scalar(node.input(1)) : Float.NaN;
    boolean keeps = node.inputs().size() == 2 && Fused.isFloat(node.input(0))
        && Fused.shape(node.input(0)).equals(Fused.shape(node.output()));
    return !keeps ? Float.NaN : node.is("Mul") ? constant : node.is("Div") ? 1 / constant : Float.NaN;
  }
}
