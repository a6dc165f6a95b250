package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;

/** Softmax and LogSoftmax of FLOAT, FLOAT16 or BFLOAT16. */
final class SoftmaxKernel implements CudaKernel {
  /** From here on one axis is meant; before, all from the given one on are one. */
  private static final int ONE_AXIS = 13;
  private static final int THREADS = 128;

  @Override
  public boolean matches(Node node) {
    return (Typed.is(node, "Softmax") || Typed.is(node, "LogSoftmax")) && Typed.isReal(node, 1);
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    Call call = new Call(node);
    boolean one = node.version() >= ONE_AXIS;
    int axis = call.axis(call.integer("axis", one ? -1 : 1), shape.rank());
    long columns = one ? shape.dim(axis) : shape.product(axis, shape.rank());
    long inner = one ? shape.product(axis + 1, shape.rank()) : 1;
    planning.launch(new Kernel("softmax", UnaryKernel.snake(node.operator())).over(Typed.dtype(node.output())),
        Grid.ofBlocks(shape.intSize() / columns, THREADS), new Arguments().at(planning.place(node.input(0)))
            .at(planning.place(node.output())).int32(Math.toIntExact(columns)).int64(inner));
  }
}
