package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.tensor.DType;

/** Conv of images and weights that are 8-bit integers behind DequantizeLinear, with what follows until they are integers again. */
final class DequantizedConvKernel implements Dequantized.OfDequantized {
  private static final String FILE = "integer";

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "Conv") || !Typed.mayBe(node.output(), DType.FLOAT)) return false;
    Dequantized x = Dequantized.of(node.input(0));
    Dequantized w = Dequantized.of(node.input(1));
    if (x == null || w == null || !w.integers().isConstant()) return false;
    int rank = w.integers().tensor().shape().rank();
    TensorType bias = node.input(2) == null ? null : node.input(2).tensorType();
    return x.isSingle() && w.follows(0, rank) && Windows.hasAxes(rank)
        && (bias == null || bias.dtype() == null || bias.dtype() == DType.FLOAT);
  }

  @Override
  public void plan(Node node, Planning planning) {
    Dequantized x = Dequantized.of(node.input(0));
    Dequantized w = Dequantized.of(node.input(1));
    ConvGeometry conv = ConvGeometry.of(new Call(node), Typed.shape(x.integers()), Typed.shape(w.integers()));
    Dequantized.Ending ending = Dequantized.Ending.of(node, planning);
    Arguments arguments = new Arguments().at(planning.place(w.integers())).at(planning.place(x.integers()))
        .at(planning.place(w.zero())).at(planning.place(x.zero())).at(planning.place(ending.result()))
        .struct(conv.batch(), conv.groups(), conv.groupChannels(), conv.groupFeatures())
        .struct(Windows.struct(conv.window()))
        .struct(IntegerSides.flip(w.integers()), IntegerSides.flip(x.integers()), w.step(), 0, w.step(),
            0)
        .at(planning.place(w.scale())).at(planning.place(x.scale())).at(planning.place(node.input(2)));
    ending.scale(arguments, planning).struct(ending.struct(1, 1, 1, 0));
    if (conv.isDepthwise()) {
      long count = Typed.shape(ending.result()).size();
      planning.launch(new Kernel(FILE, "depthwise_integer"), Grid.ofElements(count), arguments.int64(count));
      return;
    }
    int columns = Math.multiplyExact(conv.batch(), conv.window().outputSize());
    planning.launch(new Kernel(FILE, "conv_integer"), Tiles.grid(conv.groups(), conv.groupFeatures(), columns),
        arguments);
  }
}
