package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.backend.cpu.kernel.Finish;
import dev.dwindle.backend.cpu.kernel.TransposedConvolution;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvTransposeGeometry;

/** ConvTranspose of one or two spatial axes: among others the gradient of a Conv's input. */
final class TransposedConvKernel implements CpuKernel {
  @Override
  public String name() {
    return "transposed convolution";
  }

  @Override
  public boolean matches(Node node) {
    if (!node.is("ConvTranspose") || !Fused.isFloat(node.input(0)) || !Fused.isFloat(node.input(1))
        || (node.input(2) != null && !Fused.isFloat(node.input(2)))) {
      return false;
    }
    int rank = Fused.shape(node.input(0)).rank();
    return (rank == 3 || rank == 4) && Fused.size(node.output()) > 0 && Fused.size(node.input(0)) > 0
        && Fused.size(node.input(1)) > 0 && TransposedConvolution.takes(shape(node));
  }

  private static TransposedConvolution.Shape shape(Node node) {
    ConvTransposeGeometry g = ConvTransposeGeometry.of(new Call(node), Fused.shape(node.input(0)),
        Fused.shape(node.input(1)));
    return new TransposedConvolution.Shape(g.batch(), g.groups(), g.channels() / g.groups(), g.features() / g.groups(),
        ConvKernel.window(g.window()));
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    TransposedConvolution.Shape shape = shape(node);
    LiveBias bias = LiveBias.of(node.input(2), planning);
    LiveBias.Making<TransposedConvolution> make = offsets -> new TransposedConvolution(shape,
        new Finish(offsets, Activation.NONE));
    Place image = planning.place(node.input(0));
    Place kernel = planning.place(node.input(1));
    Place result = planning.place(node.output());
    Buffer scratch = planning.scratch(Store.FLOATS, make.with(null).scratch());
    return bias.binding(make, (convolution, memory) -> convolution.on(memory.slice(image), memory.slice(kernel),
        memory.slice(result), memory.slice(scratch)));
  }
}
