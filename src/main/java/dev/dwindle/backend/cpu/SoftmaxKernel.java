package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.SoftmaxRows;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;

/** Softmax over the last axis; fused, its second input is a mask and it scales first. */
final class SoftmaxKernel implements CpuKernel {
  @Override
  public String name() {
    return "softmax";
  }

  @Override
  public boolean matches(Node node) {
    if (!Fused.is(node, "Softmax") || !Fused.isFloat(node.input(0)) || Fused.size(node.input(0)) == 0) {
      return false;
    }
    return Fused.isFused(node) || ScoreFusion.isLastAxis(node);
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Shape shape = Fused.shape(node.input(0));
    int columns = shape.intDim(-1);
    int rows = shape.intSize() / columns;
    int[] starts = null;
    int step = 0;
    if (node.input(1) != null) {
      Shape mask = Fused.shape(node.input(1));
      boolean moves = mask.rank() > 0 && mask.dim(-1) != 1;
      step = moves ? 1 : 0;
      starts = starts(shape, mask, rows);
    }
    SoftmaxRows softmax = new SoftmaxRows(rows, columns, new Call(node).real("scale", 1), starts, step);
    Place x = planning.place(node.input(0));
    Place mask = node.input(1) == null ? null : planning.place(node.input(1));
    Place y = planning.place(node.output());
    return memory -> softmax.on(memory.slice(x), memory.slice(mask), memory.slice(y));
  }

  /** First element of the mask for each row of the scores. */
  private static int[] starts(Shape shape, Shape mask, int rows) {
    long[] strides = mask.strides();
    int missing = shape.rank() - mask.rank();
    int[] starts = new int[rows];
    for (int row = 0; row < rows; row++) {
      long rest = row;
      for (int axis = shape.rank() - 2; axis >= 0; axis--) {
        long index = rest % shape.dim(axis);
        rest /= shape.dim(axis);
        if (axis >= missing && mask.dim(axis - missing) > 1) {
          starts[row] += (int) (index * strides[axis - missing]);
        }
      }
    }
    return starts;
  }
}
