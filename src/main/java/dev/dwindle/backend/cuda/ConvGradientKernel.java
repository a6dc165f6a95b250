package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.op.ConvTransposeGeometry;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** ConvTranspose and ConvWeightGradient of FLOAT images of one or two axes. */
final class ConvGradientKernel implements CudaKernel {
  private static final Kernel TRANSPOSED = new Kernel("conv_gradient", "conv_transposed");
  private static final Kernel DIRECT = new Kernel("conv_gradient", "conv_transposed_direct");
  private static final Kernel WEIGHTS = new Kernel("conv_gradient", "conv_weight_gradient");

  /** Of a group: with fewer a tile would be mostly empty. */
  private static final int FEW_FEATURES = 16;

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "ConvTranspose") && !isOfWeights(node)) return false;
    TensorType type = node.input(0).tensorType();
    return node.inputs().stream().allMatch(v -> v == null || Typed.mayBe(v, DType.FLOAT))
        && Typed.mayBe(node.output(), DType.FLOAT)
        && (type == null || !type.hasRank() || Windows.hasAxes(type.rank()));
  }

  private static boolean isOfWeights(Node node) {
    return Typed.isOwn(node, "ConvWeightGradient");
  }

  @Override
  public void plan(Node node, Planning planning) {
    if (isOfWeights(node)) {
      ConvGeometry conv = ConvGeometry.ofWeightGradient(node);
      int columns = Math.multiplyExact(conv.groupChannels(), conv.window().kernelSize());
      int inner = Math.multiplyExact(conv.batch(), conv.window().outputSize());
      Tiles.launch(planning, WEIGHTS,
          new Tiles.Products(DType.FLOAT, conv.groups(), conv.groupFeatures(), inner, columns),
          (y, added) -> new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1))).at(y)
              .struct(conv.batch(), conv.groups(), conv.groupChannels(), conv.groupFeatures())
              .struct(Windows.struct(conv.window())),
          Tiles.Ending.of(planning.place(node.output()), conv.groupFeatures(), columns));
      return;
    }
    ConvTransposeGeometry conv = ConvTransposeGeometry.of(new Call(node), Typed.shape(node.input(0)),
        Typed.shape(node.input(1)));
    int channels = conv.channels() / conv.groups();
    int features = conv.features() / conv.groups();
    Place bias = planning.place(node.input(2));
    Tiles.Beginning beginning = (y, added) -> new Arguments().at(planning.place(node.input(0)))
        .at(planning.place(node.input(1))).at(added).at(y)
        .struct(conv.batch(), conv.groups(), channels, features).struct(Windows.struct(conv.window()));
    if (channels == 1 || features < FEW_FEATURES) {
      long count = Typed.shape(node.output()).size();
      planning.launch(DIRECT, Grid.ofElements(count),
          beginning.of(planning.place(node.output()), bias).int64(count));
      return;
    }
    Shape output = Typed.shape(node.output());
    int pixels = Math.toIntExact(output.product(2, output.rank()));
    Tiles.launch(planning, TRANSPOSED,
        new Tiles.Products(DType.FLOAT, conv.groups(), features,
            Math.multiplyExact(channels, conv.window().kernelSize()), Math.multiplyExact(conv.batch(), pixels)),
        beginning, new Tiles.Ending(planning.place(node.output()), null, bias, 1, 1,
            conv.features(), pixels, 1, 0));
  }
}
