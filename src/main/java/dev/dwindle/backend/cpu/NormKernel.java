package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.NormRows;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;

/** LayerNormalization and RMSNormalization over the last axes with constant scale and bias, in FLOAT. */
final class NormKernel implements CpuKernel {
  @Override
  public String name() {
    return "normalization";
  }

  @Override
  public boolean matches(Node node) {
    if ((!Fused.is(node, "LayerNormalization") && !Fused.is(node, "RMSNormalization"))
        || !Fused.isFloat(node.input(0)) || Fused.size(node.input(0)) == 0 || node.outputs().size() != 1
        || new Call(node).integer("stash_type", 1) != 1) {
      return false;
    }
    return isRow(node.input(1), columns(node)) && (node.input(2) == null || isRow(node.input(2), columns(node)));
  }

  private static boolean isRow(Value value, int columns) {
    return value.isConstant() && Fused.isFloat(value) && value.tensor().size() == columns;
  }

  private static int columns(Node node) {
    Shape shape = Fused.shape(node.input(0));
    Call call = new Call(node);
    int axis = call.axis(call.integer("axis", -1), shape.rank());
    return Math.toIntExact(shape.product(axis, shape.rank()));
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    int columns = columns(node);
    int rows = Fused.size(node.input(0)) / columns;
    NormRows norm = new NormRows(rows, columns, new Call(node).real("epsilon", 1e-5f),
        node.operator().equals("LayerNormalization"), node.input(1).tensor().floats(),
        node.input(2) == null ? null : node.input(2).tensor().floats());
    Place x = planning.place(node.input(0));
    Place y = planning.place(node.output());
    return memory -> norm.on(memory.slice(x), memory.slice(y));
  }
}
