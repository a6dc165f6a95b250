package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;

/** Gather with indices that are known only when it runs. */
final class GatherKernel implements CpuKernel {
  @Override
  public String name() {
    return "gather";
  }

  @Override
  public boolean matches(Node node) {
    return node.is("Gather") && !node.input(1).isConstant() && Fused.type(node.input(0)) != null
        && node.input(0).tensorType().dtype().bits() >= 8 && Fused.type(node.input(1)) != null
        && (node.input(1).tensorType().dtype() == DType.INT64 || node.input(1).tensorType().dtype() == DType.INT32);
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Shape shape = Fused.shape(node.input(0));
    int axis = new Call(node).axis(new Call(node).integer("axis", 0), shape.rank());
    int outer = Math.toIntExact(shape.product(0, axis));
    int count = shape.intDim(axis);
    int inner = Math.toIntExact(shape.product(axis + 1, shape.rank()));
    int chosen = Fused.size(node.input(1));
    String where = node.label();
    Place data = planning.place(node.input(0));
    Place indices = planning.place(node.input(1));
    Place result = planning.place(node.output());
    return memory -> {
      Object from = memory.array(data);
      Object to = memory.array(result);
      Object index = memory.array(indices);
      int source = Memory.offset(data);
      int target = Memory.offset(result);
      int first = Memory.offset(indices);
      return workers -> {
        for (int i = 0; i < chosen; i++) {
          int k = index(index, first + i, count, where);
          for (int o = 0; o < outer; o++) {
            System.arraycopy(from, source + (o * count + k) * inner, to, target + (o * chosen + i) * inner, inner);
          }
        }
      };
    };
  }

  private static int index(Object indices, int at, int count, String where) {
    long index = indices instanceof long[] longs ? longs[at] : ((int[]) indices)[at];
    if (index < -count || index >= count) {
      throw new InvalidInputException(
          where + ": index is " + index + ", expected " + -count + " to " + (count - 1));
    }
    return (int) (index < 0 ? index + count : index);
  }
}
