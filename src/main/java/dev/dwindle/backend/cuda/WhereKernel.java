package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.tensor.Shape;

/** Where, of elements of whole bytes. */
final class WhereKernel implements CudaKernel {
  @Override
  public boolean matches(Node node) {
    return Typed.is(node, "Where") && MovementKernel.hasWholeBytes(node.input(1))
        && MovementKernel.hasWholeBytes(node.input(2));
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape output = Typed.shape(node.output());
    Shape other = Typed.shape(node.input(2));
    Arguments arguments = new Arguments();
    node.inputs().forEach(v -> arguments.at(planning.place(v)));
    planning.launch(new Kernel("compare", "where_" + MovementKernel.width(node.output())),
        Grid.ofElements(output.size()), arguments.at(planning.place(node.output())).int64(output.size())
            .struct(Axes.broadcast(Typed.shape(node.input(0)), Typed.shape(node.input(1)), output).struct())
            .struct(Axes.broadcast(other, other, output).struct()));
  }
}
