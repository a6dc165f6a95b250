package dev.dwindle.backend.cpu;

import dev.dwindle.graph.Node;
import dev.dwindle.tensor.DType;

/** Cast between FLOAT, INT64, INT32 and BOOL, except where every element stays as it is. */
final class CastKernel implements CpuKernel {
  @Override
  public String name() {
    return "cast";
  }

  @Override
  public boolean matches(Node node) {
    if (!node.is("Cast") || Fused.type(node.input(0)) == null) {
      return false;
    }
    DType from = node.input(0).tensorType().dtype();
    DType to = node.output().tensorType().dtype();
    return switch (to) {
      case FLOAT -> from == DType.INT64 || from == DType.INT32 || from == DType.BOOL;
      case INT64 -> from == DType.INT32 || from == DType.BOOL;
      default -> false;
    };
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    int n = Fused.size(node.output());
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    return memory -> {
      Object x = memory.array(from);
      Object y = memory.array(to);
      int xo = Memory.offset(from);
      int yo = Memory.offset(to);
      return workers -> {
        switch (y) {
          case float[] floats -> toFloats(x, xo, floats, yo, n);
          case long[] longs -> toLongs(x, xo, longs, yo, n);
          default -> throw new IllegalStateException("no such cast");
        }
      };
    };
  }

  private static void toFloats(Object x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x instanceof long[] longs ? longs[xo + i] : integer(x, xo + i);
    }
  }

  private static void toLongs(Object x, int xo, long[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = integer(x, xo + i);
    }
  }

  private static int integer(Object x, int at) {
    return x instanceof int[] ints ? ints[at] : ((byte[]) x)[at] != 0 ? 1 : 0;
  }
}
