package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.op.ConvTransposeGeometry;
import dev.dwindle.tensor.DType;

/** ConvTranspose and ConvWeightGradient of FLOAT images of one or two axes. */
final class ConvGradientKernel implements CudaKernel {
  private static final Kernel TRANSPOSED = new Kernel("conv_gradient", "conv_transposed");
  private static final Kernel WEIGHTS = new Kernel("conv_gradient", "conv_weight_gradient");

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
      Math.multiplyExact(conv.batch(), conv.window().outputSize());
      planning.launch(WEIGHTS, Tiles.grid(conv.groups(), conv.groupFeatures(), columns),
          new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
              .at(planning.place(node.output()))
              .struct(conv.batch(), conv.groups(), conv.groupChannels(), conv.groupFeatures())
              .struct(Windows.struct(conv.window())));
      return;
    }
    ConvTransposeGeometry conv = ConvTransposeGeometry.of(new Call(node), Typed.shape(node.input(0)),
        Typed.shape(node.input(1)));
    long count = Typed.shape(node.output()).size();
    planning.launch(TRANSPOSED, Grid.ofElements(count),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
            .at(planning.place(node.input(2))).at(planning.place(node.output()))
            .struct(conv.batch(), conv.groups(), conv.channels() / conv.groups(), conv.features() / conv.groups())
            .struct(Windows.struct(conv.window())).int64(count));
  }
}
