package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;

/** Conv, MatMul or Gemm, then Add of an activation of the same shape: the product begins with what is added. */
final class ResidualFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    return node.is("Add") && Fused.isFloat(node.output()) && (apply(node, 0) || apply(node, 1));
  }

  private static boolean apply(Node add, int side) {
    Node product = Products.behind(add.input(side), add);
    Value other = add.input(1 - side);
    if (product == null || Products.residual(product) != null || !Fused.isFloat(other) || other.isConstant()
        || !Fused.shape(other).equals(Fused.shape(add.output()))
        || !Fused.shape(product.output()).equals(Fused.shape(other))) {
      return false;
    }
    Fused.replace(add, product, product.input(0), product.input(1), product.input(2), other);
    return true;
  }
}
