package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Window;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.op.PoolGeometry;
import java.util.Arrays;

/** The gradient of a MaxPool's input, of one or two spatial axes. */
final class MaxPoolGradientKernel implements CpuKernel {
  /** Elements of the input that a piece of work should hold. */
  private static final int PIECE = 1 << 13;

  @Override
  public String name() {
    return "pool gradient";
  }

  @Override
  public boolean matches(Node node) {
    return Fused.isOwn(node, "MaxPoolGradient") && Fused.isFloat(node.input(0)) && Fused.isFloat(node.input(1))
        && Fused.size(node.input(0)) > 0 && Fused.size(node.input(1)) > 0 && Fused.shape(node.input(0)).rank() <= 4;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    PoolGeometry geometry = PoolGeometry.of(new Call(node), Fused.shape(node.input(0)));
    Window window = ConvKernel.window(geometry.window());
    int in = window.inPlane();
    int out = window.outPlane();
    int together = Math.max(1, PIECE / in);
    Place input = planning.place(node.input(0));
    Place slopes = planning.place(node.input(1));
    Place result = planning.place(node.output());
    return memory -> {
      Slice x = memory.slice(input);
      Slice g = memory.slice(slopes);
      Slice y = memory.slice(result);
      Workers.Task task = (piece, local) -> {
        int end = Math.min(geometry.planes(), (piece + 1) * together);
        for (int p = piece * together; p < end; p++) {
          plane(window, x.array(), x.offset() + p * in, g.array(), g.offset() + p * out, y.array(),
              y.offset() + p * in);
        }
      };
      return workers -> workers.run((geometry.planes() + together - 1) / together, task);
    };
  }

  private static void plane(Window window, float[] x, int xo, float[] g, int go, float[] y, int yo) {
    Window.Axis rows = window.height();
    Window.Axis columns = window.width();
    Arrays.fill(y, yo, yo + window.inPlane(), 0);
    for (int r = 0; r < rows.out(); r++) {
      for (int c = 0; c < columns.out(); c++) {
        int at = greatest(x, xo, rows, r, columns, c);
        if (at >= 0) y[yo + at - xo] += g[go + r * columns.out() + c];
      }
    }
  }

  /** Where the first of a window's greatest elements stands, or the first NaN; -1 where all is padding. */
  private static int greatest(float[] x, int xo, Window.Axis rows, int r, Window.Axis columns, int c) {
    int best = -1;
    float most = 0;
    int row = r * rows.stride() - rows.before();
    int column = c * columns.stride() - columns.before();
    for (int i = 0; i < rows.kernel(); i++, row += rows.dilation()) {
      if (row < 0 || row >= rows.in()) continue;
      int at = column;
      for (int j = 0; j < columns.kernel(); j++, at += columns.dilation()) {
        if (at < 0 || at >= columns.in()) continue;
        int place = xo + row * columns.in() + at;
        float v = x[place];
        if (best < 0 || v > most || (v != v && most == most)) {
          best = place;
          most = v;
        }
      }
    }
    return best;
  }
}
