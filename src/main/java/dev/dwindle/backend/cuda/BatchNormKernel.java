package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** BatchNormalization by the statistics of the batch, and its gradient, in FLOAT. */
final class BatchNormKernel implements CudaKernel {
  private static final Kernel FORWARD = new Kernel("norm", "norm_batch");
  private static final Kernel GRADIENT = new Kernel("norm", "norm_batch_gradient");
  private static final int THREADS = 256;

  @Override
  public boolean matches(Node node) {
    boolean forward = Typed.is(node, "BatchNormalization") && node.version() >= 14
        && new Call(node).flag("training_mode", false);
    return (forward || isGradient(node)) && node.inputs().stream().allMatch(v -> Typed.mayBe(v, DType.FLOAT))
        && Typed.mayBe(node.output(0), DType.FLOAT);
  }

  private static boolean isGradient(Node node) {
    return Typed.isOwn(node, "BatchNormalizationGradient");
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    if (shape.rank() < 2) throw new RefusedException("its input has " + shape.rank() + " axes, expected channels");
    Call call = new Call(node);
    Arguments arguments = new Arguments();
    node.inputs().forEach(v -> arguments.at(planning.place(v)));
    for (int i = 0; i < 3; i++) arguments.at(i < node.outputs().size() ? planning.place(node.output(i)) : null);
    int channels = shape.intDim(1);
    arguments.int64(shape.size() / channels).int32(channels).int64(shape.product(2, shape.rank()))
        .float32(call.real("epsilon", 1e-5f));
    if (!isGradient(node)) arguments.float32(call.real("momentum", 0.9f));
    planning.launch(isGradient(node) ? GRADIENT : FORWARD, Grid.ofBlocks(channels, THREADS), arguments);
  }
}
