package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import java.util.List;

/** All kernels, the first match wins; what none takes, the device does not run. */
final class CudaKernels {
  private static final List<CudaKernel> ALL = List.of(
      new ViewKernel(),
      new UnaryKernel(),
      new BinaryKernel(),
      new CompareKernel(),
      new WhereKernel(),
      new CastKernel(),
      new DequantizedProductKernel(),
      new ProductKernel(),
      new DequantizedConvKernel(),
      new ConvKernel(),
      new ConvGradientKernel(),
      new PoolKernel(),
      new ResizeKernel(),
      new SoftmaxKernel(),
      new NormKernel(),
      new BatchNormKernel(),
      new ReduceKernel(),
      new MovementKernel(),
      new GatherKernel(),
      new QuantizeKernel(),
      new IntegerProductKernel(),
      new IntegerConvKernel(),
      new LstmKernel(),
      new FakeQuantizeKernel(),
      new OptimizerKernel(),
      new SummaryKernel());

  private CudaKernels() {}

  /** The kernel for a node, or null. */
  static CudaKernel find(Node node) {
    return ALL.stream().filter(kernel -> kernel.matches(node)).findFirst().orElse(null);
  }
}
