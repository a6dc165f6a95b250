package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;

/** {@code x * sigmoid(x)}: Swish. */
final class SwishFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    if (!node.is("Mul") || !Fused.isFloat(node.output())) {
      return false;
    }
    for (int side = 0; side < 2; side++) {
      Node sigmoid = node.producer(side);
      if (sigmoid != null && sigmoid.is("Sigmoid") && sigmoid.input(0) == node.input(1 - side)) {
        Fused.replace(node, null, "Swish", Fused.name(node), node.input(1 - side));
        return true;
      }
    }
    return false;
  }
}
