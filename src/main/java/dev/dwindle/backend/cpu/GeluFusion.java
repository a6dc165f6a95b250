package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;

/** {@code 0.5 * x * (1 + erf(x / sqrt(2)))} in its usual orders: Gelu. */
final class GeluFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    if (!node.is("Mul")) {
      return false;
    }
    for (int side = 0; side < 2; side++) {
      Value x = isNear(node.input(1 - side), 0.5f) ? ofProduct(node.input(side)) : halved(node, side);
      if (x != null && Fused.isFloat(x) && Fused.shape(x).equals(Fused.shape(node.output()))) {
        Fused.replace(node, null, "Gelu", Fused.name(node), x);
        return true;
      }
    }
    return false;
  }

  /** x where the value is x * (1 + erf(x / sqrt 2)). */
  private static Value ofProduct(Value product) {
    Node mul = product.producer();
    if (mul == null || !mul.is("Mul")) {
      return null;
    }
    for (int side = 0; side < 2; side++) {
      if (isErfOf(mul.input(side), mul.input(1 - side))) {
        return mul.input(1 - side);
      }
    }
    return null;
  }

  /** x where the node is (0.5 * x) * (1 + erf(x / sqrt 2)), the first factor at {@code side}. */
  private static Value halved(Node node, int side) {
    Node half = node.producer(side);
    if (half == null || !half.is("Mul")) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      if (isNear(half.input(1 - i), 0.5f) && isErfOf(node.input(1 - side), half.input(i))) {
        return half.input(i);
      }
    }
    return null;
  }

  /** Whether the value is 1 + erf(x / sqrt 2). */
  private static boolean isErfOf(Value value, Value x) {
    Node add = value.producer();
    if (add == null || !add.is("Add")) {
      return false;
    }
    for (int side = 0; side < 2; side++) {
      Node erf = add.producer(side);
      if (isNear(add.input(1 - side), 1) && erf != null && erf.is("Erf") && isScaled(erf.input(0), x)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isScaled(Value value, Value x) {
    Node scale = value.producer();
    if (scale == null) {
      return false;
    }
    return (scale.is("Div") && scale.input(0) == x && isNear(scale.input(1), (float) Math.sqrt(2)))
        || (scale.is("Mul") && scale.input(0) == x && isNear(scale.input(1), (float) Math.sqrt(0.5)))
        || (scale.is("Mul") && scale.input(1) == x && isNear(scale.input(0), (float) Math.sqrt(0.5)));
  }

  static boolean isNear(Value value, float wanted) {
    return Math.abs(Fused.scalar(value) - wanted) <= 1e-6f * wanted;
  }
}
