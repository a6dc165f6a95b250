package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Reductions;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;
import java.util.Set;

/** ReduceMean, ReduceSum, ReduceMax and ReduceMin over neighbouring axes of a FLOAT input, or over all axes before and behind those that stay. */
final class ReduceKernel implements CpuKernel {
  private static final Set<String> OPERATORS = Set.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin");

  @Override
  public String name() {
    return "reduction";
  }

  @Override
  public boolean matches(Node node) {
    return node.domain().isEmpty() && OPERATORS.contains(node.operator()) && Fused.isFloat(node.input(0))
        && Fused.isFloat(node.output()) && Fused.size(node.input(0)) > 0 && axes(node) != null;
  }

  /** The reduced axes in order where they are neighbours and known, else null. */
  private static int[] axes(Node node) {
    Call call = new Call(node);
    int rank = Fused.shape(node.input(0)).rank();
    long[] given = call.integers("axes", (long[]) null);
    if (node.input(1) != null) {
      if (!node.input(1).isConstant()) {
        return null;
      }
      given = node.input(1).tensor().longs();
    }
    if (given == null || given.length == 0) {
      return call.flag("noop_with_empty_axes", false) || rank == 0 ? null : new int[] {0, rank - 1};
    }
    int[] axes = Arrays.stream(given).mapToInt(a -> call.axis(a, rank)).sorted().distinct().toArray();
    int last = axes[axes.length - 1];
    if (last - axes[0] == axes.length - 1) return new int[] {axes[0], last};
    int gap = 0;
    while (axes[gap] == gap) gap++;
    boolean around = gap > 0 && last == rank - 1 && last - axes[gap] == axes.length - 1 - gap;
    return around ? new int[] {0, gap - 1, axes[gap], last} : null;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    int[] axes = axes(node);
    if (axes.length > 2) return around(node, axes, planning);
    Shape shape = Fused.shape(node.input(0));
    int outer = Math.toIntExact(shape.product(0, axes[0]));
    int count = Math.toIntExact(shape.product(axes[0], axes[1] + 1));
    int inner = Math.toIntExact(shape.product(axes[1] + 1, shape.rank()));
    String operator = node.operator();
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      return workers -> {
        for (int o = 0; o < outer; o++) {
          int source = x.offset() + o * count * inner;
          int target = y.offset() + o * inner;
          if (inner == 1) {
            y.array()[target] = row(operator, x.array(), source, count);
          } else {
            planes(operator, x.array(), source, count, inner, y.array(), target);
          }
        }
      };
    };
  }

  /** What lies in the middle stays: a number of each from all its runs. */
  private static PlannedStep.Binding around(Node node, int[] axes, Planning planning) {
    Shape shape = Fused.shape(node.input(0));
    int outer = Math.toIntExact(shape.product(0, axes[1] + 1));
    int kept = Math.toIntExact(shape.product(axes[1] + 1, axes[2]));
    int inner = Math.toIntExact(shape.product(axes[2], shape.rank()));
    String operator = node.operator();
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      Workers.Task task = (k, local) -> {
        double all = operator.equals("ReduceMax") ? Double.NEGATIVE_INFINITY
            : operator.equals("ReduceMin") ? Double.POSITIVE_INFINITY : 0;
        for (int o = 0; o < outer; o++) {
          int at = x.offset() + (o * kept + k) * inner;
          all = switch (operator) {
            case "ReduceMax" -> Math.max(all, Reductions.max(x.array(), at, inner));
            case "ReduceMin" -> Math.min(all, Reductions.min(x.array(), at, inner));
            default -> all + Reductions.sum(x.array(), at, inner);
          };
        }
        y.array()[y.offset() + k] = (float) (operator.equals("ReduceMean") ? all / ((double) outer * inner) : all);
      };
      return workers -> workers.run(kept, task);
    };
  }

  private static float row(String operator, float[] x, int from, int count) {
    return switch (operator) {
      case "ReduceMax" -> Reductions.max(x, from, count);
      case "ReduceMin" -> Reductions.min(x, from, count);
      case "ReduceMean" -> (float) (Reductions.sum(x, from, count) / count);
      default -> (float) Reductions.sum(x, from, count);
    };
  }

  private static void planes(String operator, float[] x, int from, int count, int inner, float[] y, int to) {
    System.arraycopy(x, from, y, to, inner);
    for (int k = 1; k < count; k++) {
      int at = from + k * inner;
      switch (operator) {
        case "ReduceMax" -> Rows.max(y, to, 1, x, at, 1, y, to, inner);
        case "ReduceMin" -> Rows.min(y, to, 1, x, at, 1, y, to, inner);
        default -> Rows.add(y, to, 1, x, at, 1, y, to, inner);
      }
    }
    if (operator.equals("ReduceMean")) {
      for (int i = to; i < to + inner; i++) {
        y[i] /= count;
      }
    }
  }
}
