package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.backend.cpu.kernel.Convolution;
import dev.dwindle.backend.cpu.kernel.Depthwise;
import dev.dwindle.backend.cpu.kernel.Finish;
import dev.dwindle.backend.cpu.kernel.SparseConvolution;
import dev.dwindle.backend.cpu.kernel.SparseRows;
import dev.dwindle.backend.cpu.kernel.Window;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.op.WindowGeometry;

/** Conv of one or two spatial axes; fused, its inputs are image, weights, bias, residual. */
final class ConvKernel implements CpuKernel {
  @Override
  public String name() {
    return "convolution";
  }

  @Override
  public String name(Node node, Planning planning) {
    ConvGeometry geometry = geometry(node);
    return geometry.isDepthwise() ? name() : sparsity(node, shape(geometry), planning).words(name());
  }

  private static Sparsity sparsity(Node node, Convolution.Shape shape, Planning planning) {
    return Sparsity.of(node.input(1), SparseConvolution.worth(shape), planning);
  }

  @Override
  public boolean matches(Node node) {
    if (!Fused.is(node, "Conv") || !Fused.isFloat(node.input(0)) || !Fused.isFloat(node.input(1))) {
      return false;
    }
    int rank = Fused.shape(node.input(0)).rank();
    boolean bias = node.input(2) == null || Fused.isFloat(node.input(2));
    return (rank == 3 || rank == 4) && bias && Fused.size(node.output()) > 0 && Fused.size(node.input(1)) > 0;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    ConvGeometry geometry = geometry(node);
    LiveBias bias = LiveBias.of(node.input(2), planning);
    Activation activation = Fused.activation(node);
    Place image = planning.place(node.input(0));
    Place residual = node.input(3) == null ? null : planning.place(node.input(3));
    Place result = planning.place(node.output());
    Value weights = node.input(1);
    if (geometry.isDepthwise()) {
      Depthwise.Shape shape = new Depthwise.Shape(geometry.batch(), geometry.channels(),
          geometry.features() / geometry.channels(), window(geometry.window()));
      Place kernel = planning.place(weights);
      return bias.binding(offsets -> Depthwise.of(shape, new Finish(offsets, activation)),
          (depthwise, memory) -> depthwise.on(memory.slice(image), memory.slice(kernel), memory.slice(result),
              memory.slice(residual)));
    }
    Convolution.Shape shape = shape(geometry);
    Place kernel = weights.isConstant() ? null : planning.place(weights);
    if (sparsity(node, shape, planning).pays()) {
      SparseRows rows = planning.constants().packed(weights.tensor(), "not zero for " + shape.window(),
          () -> SparseConvolution.weights(shape, weights.tensor().floats()));
      LiveBias.Making<SparseConvolution> make = offsets -> SparseConvolution.of(shape, new Finish(offsets, activation),
          rows);
      Buffer scratch = planning.scratch(Store.FLOATS, make.with(null).scratch());
      return bias.binding(make, (convolution, memory) -> convolution.on(memory.slice(image), memory.slice(result),
          memory.slice(residual), memory.slice(scratch)));
    }
    float[] packed = weights.isConstant() ? packed(weights, shape, planning) : null;
    LiveBias.Making<Convolution> make = offsets -> {
      Finish finish = new Finish(offsets, activation);
      return packed == null ? Convolution.of(shape, finish) : Convolution.withPacked(shape, finish, packed);
    };
    Buffer scratch = planning.scratch(Store.FLOATS, make.with(null).scratch());
    return bias.binding(make, (convolution, memory) -> convolution.on(memory.slice(image), memory.slice(kernel),
        memory.slice(result), memory.slice(residual), memory.slice(scratch)));
  }

  private static ConvGeometry geometry(Node node) {
    return ConvGeometry.of(new Call(node), Fused.shape(node.input(0)), Fused.shape(node.input(1)));
  }

  private static Convolution.Shape shape(ConvGeometry geometry) {
    return new Convolution.Shape(geometry.batch(), geometry.groups(), geometry.groupChannels(),
        geometry.groupFeatures(), window(geometry.window()));
  }

  private static float[] packed(Value weights, Convolution.Shape shape, Planning planning) {
    return planning.constants().packed(weights.tensor(), Convolution.packing(shape),
        () -> Convolution.packed(shape, weights.tensor().floats()));
  }

  /** A window of one or two axes as kernels take it; one axis is the width. */
  static Window window(WindowGeometry geometry) {
    return geometry.rank() == 1 ? new Window(Window.Axis.ONE, axis(geometry, 0))
        : new Window(axis(geometry, 0), axis(geometry, 1));
  }

  private static Window.Axis axis(WindowGeometry g, int i) {
    return new Window.Axis(g.input()[i], g.kernel()[i], g.strides()[i], g.dilations()[i], g.padBegin()[i],
        g.padEnd()[i], g.output()[i]);
  }
}
