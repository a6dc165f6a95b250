package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** Conv with constant weights, then BatchNormalization: a Conv with other weights. */
final class BatchNormFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    if (!node.is("BatchNormalization") || node.outputs().size() != 1 || !Fused.isFloat(node.input(0))) {
      return false;
    }
    Node conv = node.input(0).producer();
    for (int i = 1; i < 5; i++) {
      if (!node.input(i).isConstant()) {
        return false;
      }
    }
    if (conv == null || !Products.canEnd(conv) || !conv.operator().equals("Conv") || conv.input(3) != null
        || !conv.input(1).isConstant() || Fused.onlyReader(node.input(0)) != node) {
      return false;
    }
    fold(node, conv);
    return true;
  }

  private static void fold(Node node, Node conv) {
    float epsilon = new Call(node).real("epsilon", 1e-5f);
    float[] scale = node.input(1).tensor().floats();
    float[] shift = node.input(2).tensor().floats();
    float[] mean = node.input(3).tensor().floats();
    float[] variance = node.input(4).tensor().floats();
    float[] weights = conv.input(1).tensor().floats();
    float[] bias = conv.input(2) == null ? new float[scale.length] : conv.input(2).tensor().floats();
    int perFeature = weights.length / scale.length;
    for (int f = 0; f < scale.length; f++) {
      double factor = scale[f] / Math.sqrt((double) variance[f] + epsilon);
      for (int i = f * perFeature; i < (f + 1) * perFeature; i++) {
        weights[i] = (float) (weights[i] * factor);
      }
      bias[f] = (float) ((bias[f] - (double) mean[f]) * factor + shift[f]);
    }
    Value folded = node.graph().addConstant(conv.input(1).name() + "_folded",
        Tensor.of(conv.input(1).tensor().shape(), weights));
    Value added = node.graph().addConstant(node.input(2).name() + "_folded", Tensor.of(Shape.of(bias.length), bias));
    Fused.replace(node, conv, conv.input(0), folded, added);
  }
}
