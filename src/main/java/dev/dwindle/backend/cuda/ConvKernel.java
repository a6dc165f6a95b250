package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;

/** Conv of FLOAT, FLOAT16 or BFLOAT16 images of one or two axes. */
final class ConvKernel implements CudaKernel {
  private static final Kernel DEPTHWISE = new Kernel("conv", "conv_depthwise");

  @Override
  public boolean matches(Node node) {
    TensorType type = node.inputs().isEmpty() ? null : node.input(0).tensorType();
    return Typed.is(node, "Conv") && Typed.areReal(Typed.values(node))
        && (type == null || !type.hasRank() || Windows.hasAxes(type.rank()));
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    ConvGeometry conv = ConvGeometry.of(new Call(node), Typed.shape(node.input(0)), Typed.shape(node.input(1)));
    Chain then = Chain.after(node.output(), planning);
    if (conv.groups() == 1 && conv.window().isPointwise() && ProductKernel.ofImages(node, conv, then, planning)) return;
    Tiles.Beginning beginning = (y, bias) -> new Arguments().at(planning.place(node.input(0)))
        .at(planning.place(node.input(1))).at(bias).at(y)
        .struct(conv.batch(), conv.groups(), conv.groupChannels(), conv.groupFeatures())
        .struct(Windows.struct(conv.window()));
    if (conv.isDepthwise()) {
      long count = Typed.shape(node.output()).size();
      Arguments arguments = then.add(beginning.of(planning.place(then.result()), planning.place(node.input(2))),
          planning);
      planning.launch(DEPTHWISE.over(Typed.dtype(node.output())), Grid.ofElements(count), arguments.int64(count));
      return;
    }
    int columns = Math.multiplyExact(conv.batch(), conv.window().outputSize());
    Tiles.launch(planning, "conv",
        new Tiles.Products(Typed.dtype(node.output()), conv.groups(), conv.groupFeatures(),
            Math.multiplyExact(conv.groupChannels(), conv.window().kernelSize()), columns),
        beginning, new Tiles.Ending(planning.place(then.result()), then, planning.place(node.input(2)), 1, 1,
            conv.features(), conv.window().outputSize(), 1, 0));
  }
}
