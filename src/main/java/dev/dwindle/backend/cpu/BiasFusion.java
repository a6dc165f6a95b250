package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** Conv or MatMul, then Add of a constant for each channel or column: the product's bias. */
final class BiasFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    return node.is("Add") && (apply(node, 0) || apply(node, 1));
  }

  private static boolean apply(Node add, int side) {
    Node product = Products.behind(add.input(side), add);
    Value constant = add.input(1 - side);
    if (product == null || product.operator().equals("Gemm") || Products.residual(product) != null
        || !constant.isConstant() || constant.tensor().dtype() != DType.FLOAT
        || !Fused.shape(product.output()).equals(Fused.shape(add.output()))) {
      return false;
    }
    float[] bias = bias(product, constant.tensor());
    if (bias == null) {
      return false;
    }
    if (product.input(2) != null) {
      float[] earlier = product.input(2).tensor().floats();
      for (int i = 0; i < bias.length; i++) {
        bias[i] += earlier[i];
      }
    }
    Value value = add.graph().addConstant(constant.name() + "_bias", Tensor.of(Shape.of(bias.length), bias));
    Fused.replace(add, product, product.input(0), product.input(1), value);
    return true;
  }

  /** One float for each channel (axis 1) or column (last axis), or null where the constant varies along others. */
  private static float[] bias(Node product, Tensor constant) {
    Shape result = Fused.shape(product.output());
    Shape shape = constant.shape();
    int axis = product.operator().equals("Conv") ? 1 : result.rank() - 1;
    int own = axis - (result.rank() - shape.rank());
    if (axis < 0 || (constant.size() != 1 && (own < 0 || shape.dim(own) != constant.size()))) {
      return null;
    }
    float[] values = constant.floats();
    float[] bias = new float[result.intDim(axis)];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = values[values.length == 1 ? 0 : i];
    }
    return bias;
  }
}
