package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.Set;

/** Comparisons of two tensors, and And, Or, Xor and Not. */
final class CompareKernel implements CudaKernel {
  private static final Set<String> RELATIONS = Set.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual");
  private static final Set<String> LOGIC = Set.of("And", "Or", "Xor", "Not");
  private static final Set<DType> TYPES = Set.of(DType.FLOAT, DType.FLOAT16, DType.BFLOAT16, DType.INT32,
      DType.INT64, DType.BOOL);

  @Override
  public boolean matches(Node node) {
    if (!node.domain().isEmpty()) return false;
    return LOGIC.contains(node.operator())
        || RELATIONS.contains(node.operator()) && node.inputs().stream().allMatch(CompareKernel::isCompared);
  }

  private static boolean isCompared(Value value) {
    TensorType type = value.tensorType();
    return type == null || type.dtype() == null || TYPES.contains(type.dtype());
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape output = Typed.shape(node.output());
    Arguments arguments = new Arguments();
    node.inputs().forEach(v -> arguments.at(planning.place(v)));
    arguments.at(planning.place(node.output())).int64(output.size());
    if (node.inputs().size() == 2) {
      arguments.struct(Axes.broadcast(Typed.shape(node.input(0)), Typed.shape(node.input(1)), output).struct());
    }
    String type = node.input(0).tensorType().dtype().text();
    planning.launch(new Kernel("compare", UnaryKernel.snake(node.operator()) + "_" + type),
        Grid.ofElements(output.size()), arguments);
  }
}
