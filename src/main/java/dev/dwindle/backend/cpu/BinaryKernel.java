package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import java.util.Map;

/** Add, Sub, Mul, Div, Min, Max and Pow of two FLOAT inputs that broadcast. */
final class BinaryKernel implements CpuKernel {
  /** Elements that one thread does at a time. */
  private static final int PIECE = 1 << 14;

  /** One row of outputs. */
  @FunctionalInterface
  private interface Row {
    void run(float[] a, int ao, int stepA, float[] b, int bo, int stepB, float[] y, int yo, int n);
  }

  private static final Map<String, Row> ROWS = Map.of(
      "Add", Rows::add,
      "Sub", Rows::subtract,
      "Mul", Rows::multiply,
      "Div", Rows::divide,
      "Min", Rows::min,
      "Max", Rows::max,
      "Pow", Rows::power);

  @Override
  public String name() {
    return "element by element";
  }

  @Override
  public boolean matches(Node node) {
    return ROWS.containsKey(node.operator()) && Fused.is(node, node.operator()) && node.inputs().size() == 2
        && Fused.isFloat(node.input(0)) && Fused.isFloat(node.input(1)) && Fused.isFloat(node.output())
        && Fused.size(node.output()) > 0;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Row row = ROWS.get(node.operator());
    Broadcast rows = Broadcast.of(Fused.shape(node.input(0)), Fused.shape(node.input(1)),
        Fused.shape(node.output()));
    Place first = planning.place(node.input(0));
    Place second = planning.place(node.input(1));
    Place result = planning.place(node.output());
    int n = rows.length();
    int segment = Math.min(n, PIECE);
    int segments = (n + segment - 1) / segment;
    int together = Math.max(1, PIECE / n);
    int pieces = segments > 1 ? segments * rows.rows() : (rows.rows() + together - 1) / together;
    return memory -> {
      Slice a = memory.slice(first);
      Slice b = memory.slice(second);
      Slice y = memory.slice(result);
      Workers.Task part = (piece, local) -> {
        int i = piece / segments;
        int at = piece % segments * segment;
        row.run(a.array(), a.offset() + rows.startsA()[i] + at * rows.stepA(), rows.stepA(), b.array(),
            b.offset() + rows.startsB()[i] + at * rows.stepB(), rows.stepB(), y.array(), y.offset() + i * n + at,
            Math.min(segment, n - at));
      };
      Workers.Task several = (piece, local) -> {
        int end = Math.min(rows.rows(), (piece + 1) * together);
        for (int i = piece * together; i < end; i++) {
          row.run(a.array(), a.offset() + rows.startsA()[i], rows.stepA(), b.array(),
              b.offset() + rows.startsB()[i], rows.stepB(), y.array(), y.offset() + i * n, n);
        }
      };
      Workers.Task task = segments > 1 ? part : several;
      return workers -> workers.run(pieces, task);
    };
  }
}
