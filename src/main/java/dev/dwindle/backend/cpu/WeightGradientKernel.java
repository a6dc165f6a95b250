package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Convolution;
import dev.dwindle.backend.cpu.kernel.WeightGradient;
import dev.dwindle.graph.Node;
import dev.dwindle.op.ConvGeometry;

/** The gradient of the weights of a Conv of one or two spatial axes. */
final class WeightGradientKernel implements CpuKernel {
  @Override
  public String name() {
    return "weight gradient";
  }

  @Override
  public boolean matches(Node node) {
    return Fused.isOwn(node, "ConvWeightGradient") && Fused.isFloat(node.input(0)) && Fused.isFloat(node.input(1))
        && Fused.shape(node.input(0)).rank() <= 4 && Fused.size(node.input(0)) > 0 && Fused.size(node.input(1)) > 0;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    ConvGeometry g = ConvGeometry.ofWeightGradient(node);
    WeightGradient gradient = new WeightGradient(new Convolution.Shape(g.batch(), g.groups(), g.groupChannels(),
        g.groupFeatures(), ConvKernel.window(g.window())));
    Place image = planning.place(node.input(0));
    Place slopes = planning.place(node.input(1));
    Place result = planning.place(node.output());
    Buffer scratch = planning.scratch(Store.FLOATS, gradient.scratch());
    return memory -> gradient.on(memory.slice(image), memory.slice(slopes), memory.slice(result),
        memory.slice(scratch));
  }
}
