package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import java.util.List;

/** All fast kernels, the first match wins; what none takes runs by the operator's plain meaning. */
final class CpuKernels {
  private static final List<CpuKernel> ALL = List.of(
      new ConvKernel(),
      new TransposedConvKernel(),
      new WeightGradientKernel(),
      new GemmKernel(),
      new MatMulKernel(),
      new SoftmaxKernel(),
      new NormKernel(),
      new MovementKernel(),
      new BinaryKernel(),
      new UnaryKernel(),
      new PoolKernel(),
      new MaxPoolGradientKernel(),
      new BatchNormKernel(),
      new ResizeKernel(),
      new ReduceKernel(),
      new GatherKernel(),
      new CastKernel(),
      new LstmKernel(),
      new QuantizeKernel(),
      new FakeQuantizeKernel(),
      new DynamicQuantizeKernel(),
      new HistogramKernel(),
      new SummaryKernel(),
      new IntegerConvKernel(),
      new IntegerMatMulKernel());

  private CpuKernels() {}

  static List<CpuKernel> all() {
    return ALL;
  }

  /** The kernel for a node, or null. */
  static CpuKernel find(Node node) {
    for (CpuKernel kernel : ALL) {
      if (kernel.matches(node)) {
        return kernel;
      }
    }
    return null;
  }
}
