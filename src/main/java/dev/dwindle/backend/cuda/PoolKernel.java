package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.op.PoolGeometry;
import dev.dwindle.op.WindowGeometry;

/** MaxPool and AveragePool of FLOAT, FLOAT16 or BFLOAT16 images of one or two axes, and MaxPool's gradient of FLOAT ones. */
final class PoolKernel implements CudaKernel {
  @Override
  public boolean matches(Node node) {
    TensorType type = node.inputs().isEmpty() ? null : node.input(0).tensorType();
    boolean forward = (Typed.is(node, "MaxPool") || Typed.is(node, "AveragePool")) && Typed.isReal(node, 1);
    return (forward || isGradient(node) && Typed.isFloat(node, 2))
        && (type == null || !type.hasRank() || Windows.hasAxes(type.rank()));
  }

  private static boolean isGradient(Node node) {
    return Typed.isOwn(node, "MaxPoolGradient");
  }

  @Override
  public boolean takesNarrow(Node node) {
    return !isGradient(node);
  }

  @Override
  public void plan(Node node, Planning planning) {
    Call call = new Call(node);
    WindowGeometry window = PoolGeometry.of(call, Typed.shape(node.input(0))).window();
    long count = Typed.shape(node.output()).size();
    Arguments arguments = new Arguments();
    node.inputs().forEach(v -> arguments.at(planning.place(v)));
    arguments.at(planning.place(node.output())).struct(Windows.struct(window)).int64(count);
    boolean mean = node.operator().equals("AveragePool");
    if (mean) {
      int[] end = window.padEnd();
      arguments.int32(call.flag("count_include_pad", false) ? 1 : 0).int32(window.rank() == 2 ? end[0] : 0)
          .int32(end[window.rank() - 1]);
    }
    String name = mean ? "pool_mean" : isGradient(node) ? "pool_max_gradient" : "pool_max";
    planning.launch(new Kernel("pool", name).over(Typed.dtype(node.output())), Grid.ofElements(count), arguments);
  }
}
