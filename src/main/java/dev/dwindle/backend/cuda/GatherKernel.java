package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** Gather of elements of whole bytes; an index beyond its axis is found in the run. */
final class GatherKernel implements CudaKernel {
  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "Gather") || node.inputs().size() != 2 || !MovementKernel.hasWholeBytes(node.input(0))) {
      return false;
    }
    TensorType index = node.input(1).tensorType();
    return index == null || index.dtype() == null || index.dtype() == DType.INT64 || index.dtype() == DType.INT32;
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    Call call = new Call(node);
    int axis = call.axis(call.integer("axis", 0), shape.rank());
    long count = Typed.shape(node.output()).size();
    String name = "gather_" + MovementKernel.width(node.output()) + "_" + node.input(1).tensorType().dtype().text();
    planning.launch(new Kernel("movement", name), Grid.ofElements(count),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
            .at(planning.place(node.output())).int64(count).int64(shape.dim(axis))
            .int64(Typed.shape(node.input(1)).size()).int64(shape.product(axis + 1, shape.rank()))
            .at(planning.trouble()).int64(planning.steps().size() + 1));
  }
}
