package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Reductions of FLOAT, FLOAT16 or BFLOAT16 over axes that are known before a run; a global pool is one over all but the first two. */
final class ReduceKernel implements CudaKernel {
  private static final Set<String> OPERATORS = Set.of("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceMax",
      "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "GlobalAveragePool", "GlobalMaxPool");

  @Override
  public boolean matches(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.operator())
        && Typed.areReal(List.of(node.input(0), node.output()));
  }

  private static boolean isGlobalPool(Node node) {
    return node.operator().startsWith("Global");
  }

  /** Whether each axis goes. */
  private static boolean[] reduced(Node node, int rank) {
    boolean[] reduced = new boolean[rank];
    if (isGlobalPool(node)) {
      Arrays.fill(reduced, 2, rank, true);
      return reduced;
    }
    Call call = new Call(node);
    long[] axes = node.input(1) == null ? call.integers("axes") : node.input(1).tensor().longs();
    if (axes.length == 0) Arrays.fill(reduced, !call.flag("noop_with_empty_axes", false));
    for (long axis : axes) reduced[call.axis(axis, rank)] = true;
    return reduced;
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Typed.requireConstants(node, 1);
    Shape shape = Typed.shape(node.input(0));
    boolean[] reduced = reduced(node, shape.rank());
    long[] steps = shape.strides();
    Axes out = new Axes();
    Axes in = new Axes();
    long count = 1;
    for (int i = 0; i < shape.rank(); i++) {
      (reduced[i] ? in : out).add(shape.intDim(i), Math.toIntExact(steps[i]), 0);
      if (reduced[i]) count *= shape.dim(i);
    }
    long outputs = Typed.shape(node.output()).size();
    int threads = count <= 32 ? 32 : count <= 1024 ? 128 : 256;
    planning.launch(new Kernel("reduce", name(node)).over(Typed.dtype(node.output())), Grid.ofBlocks(outputs, threads),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.output())).struct(out.struct())
            .struct(in.struct()).int64(count));
  }

  private static String name(Node node) {
    return switch (node.operator()) {
      case "GlobalAveragePool" -> "reduce_mean";
      case "GlobalMaxPool" -> "reduce_max";
      default -> UnaryKernel.snake(node.operator());
    };
  }
}
