package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;

/** Sums of products whose kernels can add a bias and a residual and apply an activation: Conv, MatMul, Gemm. */
final class Products {
  private Products() {}

  /** Whether a node is such a product that a fast kernel takes and that nothing has been applied to yet. */
  static boolean canEnd(Node node) {
    CpuKernel kernel = node.outputs().size() == 1 && Fused.isFloat(node.output()) ? CpuKernels.find(node) : null;
    boolean product = kernel instanceof ConvKernel || kernel instanceof GemmKernel || kernel instanceof MatMulKernel;
    return product && Fused.activation(node).kind() == Activation.Kind.NONE;
  }

  /** The product that makes a value which only {@code reader} reads; null where there is none. */
  static Node behind(Value value, Node reader) {
    Node product = value == null ? null : value.producer();
    return product != null && product.graph() == reader.graph() && Fused.onlyReader(value) == reader
        && canEnd(product) ? product : null;
  }

  static Value residual(Node product) {
    return product.input(3);
  }
}
