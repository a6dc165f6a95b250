package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.DirectPool;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Window;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.op.PoolGeometry;
import dev.dwindle.op.WindowGeometry;
import dev.dwindle.tensor.Shape;
import java.util.Set;

/** MaxPool, AveragePool and their global forms over FLOAT images of one or two spatial axes. */
final class PoolKernel implements CpuKernel {
  /** Elements of the input that a piece of work should hold. */
  private static final int PIECE = 1 << 13;

  private static final Set<String> GLOBAL = Set.of("GlobalAveragePool", "GlobalMaxPool");
  private static final Set<String> WINDOWED = Set.of("AveragePool", "MaxPool");

  @Override
  public String name() {
    return "pool";
  }

  @Override
  public boolean matches(Node node) {
    boolean global = GLOBAL.contains(node.operator());
    if (!node.domain().isEmpty() || (!global && !WINDOWED.contains(node.operator()))
        || !Fused.isFloat(node.input(0)) || node.outputs().size() != 1 || Fused.size(node.output()) == 0) {
      return false;
    }
    int rank = Fused.shape(node.input(0)).rank();
    return global ? rank > 2 && Fused.size(node.input(0)) > 0 : rank == 3 || rank == 4;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    boolean max = node.operator().endsWith("MaxPool");
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    if (GLOBAL.contains(node.operator())) {
      Shape shape = Fused.shape(node.input(0));
      int planes = shape.intDim(0) * shape.intDim(1);
      return global(max, planes, shape.intSize() / planes, from, to);
    }
    Call call = new Call(node);
    PoolGeometry geometry = PoolGeometry.of(call, Fused.shape(node.input(0)));
    WindowGeometry window = geometry.window();
    if (window.outputSize() == 1 && window.isUnpadded() && window.kernelSize() == window.inputSize()) {
      return global(max, geometry.planes(), window.inputSize(), from, to);
    }
    Window direct = ConvKernel.window(window);
    if (DirectPool.pays(direct)) {
      DirectPool pool = new DirectPool(max, direct);
      return planes(geometry, 0, from, to, (x, xo, y, yo, local) -> pool.run(x, xo, y, yo));
    }
    PlanePool pool = new PlanePool(max, call.flag("count_include_pad", false), twoAxes(window));
    return planes(geometry, pool.local(), from, to, pool::run);
  }

  /** Reduces the plane of one channel. */
  @FunctionalInterface
  private interface Plane {
    void run(float[] x, int xo, float[] y, int yo, float[] local);
  }

  private static PlannedStep.Binding planes(PoolGeometry geometry, int scratch, Place from, Place to, Plane pool) {
    int in = geometry.window().inputSize();
    int out = geometry.window().outputSize();
    int perPiece = Math.max(1, PIECE / in);
    int pieces = (geometry.planes() + perPiece - 1) / perPiece;
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      Workers.Task task = (piece, local) -> {
        int end = Math.min(geometry.planes(), (piece + 1) * perPiece);
        for (int plane = piece * perPiece; plane < end; plane++) {
          pool.run(x.array(), x.offset() + plane * in, y.array(), y.offset() + plane * out, local);
        }
      };
      return workers -> {
        workers.reserve(scratch);
        workers.run(pieces, task);
      };
    };
  }

  private static PlannedStep.Binding global(boolean max, int planes, int plane, Place from, Place to) {
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      return workers -> PlanePool.global(max, x.array(), x.offset(), planes, plane, y.array(), y.offset());
    };
  }

  /** A window of one axis as one of height 1. */
  private static WindowGeometry twoAxes(WindowGeometry g) {
    return g.rank() == 2 ? g
        : new WindowGeometry(new int[] {1, g.input()[0]}, new int[] {1, g.kernel()[0]}, new int[] {1, g.strides()[0]},
            new int[] {1, g.dilations()[0]}, new int[] {0, g.padBegin()[0]}, new int[] {0, g.padEnd()[0]},
            new int[] {1, g.output()[0]});
  }
}
