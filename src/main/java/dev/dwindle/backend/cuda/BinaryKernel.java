package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.tensor.Shape;
import java.util.Locale;
import java.util.Set;

/** Functions of two FLOATs, FLOAT16s or BFLOAT16s that broadcast. */
final class BinaryKernel implements CudaKernel {
  private static final Set<String> OPERATORS = Set.of("Add", "Div", "Max", "Min", "Mul", "Pow", "PRelu", "Sub");

  @Override
  public boolean matches(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.operator()) && Typed.isReal(node, 2);
  }

  /** Whether the inputs lie alike, or the second is a single number: then a thread takes four neighbours. */
  private static boolean isPlain(Node node) {
    Shape output = Typed.shape(node.output());
    return Typed.shape(node.input(0)).equals(output)
        && (Typed.shape(node.input(1)).equals(output) || Typed.shape(node.input(1)).size() == 1);
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    if (Chain.launch(node, planning)) return;
    Shape output = Typed.shape(node.output());
    Axes axes = Axes.broadcast(Typed.shape(node.input(0)), Typed.shape(node.input(1)), output);
    planning.launch(
        new Kernel("elementwise", "binary_" + node.operator().toLowerCase(Locale.ROOT))
            .over(Typed.dtype(node.output())),
        isPlain(node) ? Grid.ofFours(output.size()) : Grid.ofElements(output.size()),
        new Arguments().at(planning.place(node.input(0)))
            .at(planning.place(node.input(1))).at(planning.place(node.output())).int64(output.size())
            .struct(axes.struct()));
  }
}
