package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.graph.Node;
import java.util.Map;

/** Add, Sub, Mul, Div, Min, Max and Pow of two FLOAT inputs that broadcast. */
final class BinaryKernel implements CpuKernel {
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
    return memory -> {
      Slice a = memory.slice(first);
      Slice b = memory.slice(second);
      Slice y = memory.slice(result);
      int n = rows.length();
      return workers -> {
        for (int i = 0; i < rows.rows(); i++) {
          row.run(a.array(), a.offset() + rows.startsA()[i], rows.stepA(), b.array(),
              b.offset() + rows.startsB()[i], rows.stepB(), y.array(), y.offset() + i * n, n);
        }
      };
    };
  }
}
