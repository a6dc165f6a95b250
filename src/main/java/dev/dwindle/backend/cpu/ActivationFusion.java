package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;

/** Conv, MatMul or Gemm, then an activation: applied while the results are still in the cache. */
final class ActivationFusion implements Fusion {
  @Override
  public boolean apply(Node node) {
    Activation activation = node.inputs().isEmpty() ? null : Activations.of(node);
    Node product = activation == null ? null : Products.behind(node.input(0), node);
    if (product == null) {
      return false;
    }
    Node fused = Fused.replace(node, product, product.inputs().toArray(Value[]::new));
    Fused.setActivation(fused, activation);
    return true;
  }
}
