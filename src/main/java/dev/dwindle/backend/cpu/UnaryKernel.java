package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Activation;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.UnaryLoops;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import java.util.Map;

/** Operators of one FLOAT input and as many outputs: activations, and what a plain loop does as fast. */
final class UnaryKernel implements CpuKernel {
  /** Elements that one thread does at a time. */
  private static final int PIECE = 1 << 14;

  /** A function over neighbouring elements. */
  @FunctionalInterface
  private interface Loop {
    void run(float[] x, int xo, float[] y, int yo, int n);
  }

  private static final Map<String, Loop> LOOPS = Map.of(
      "Sqrt", UnaryLoops::sqrt,
      "Neg", UnaryLoops::negate,
      "Abs", UnaryLoops::abs,
      "Sign", UnaryLoops::sign,
      "Reciprocal", UnaryLoops::reciprocal);

  @Override
  public String name() {
    return "element by element";
  }

  @Override
  public boolean matches(Node node) {
    return node.inputs().size() >= 1 && Fused.isFloat(node.input(0)) && Fused.isFloat(node.output())
        && node.outputs().size() == 1 && loop(node) != null;
  }

  private static Loop loop(Node node) {
    Activation activation = Activations.of(node);
    if (activation != null) {
      return (x, xo, y, yo, n) -> {
        System.arraycopy(x, xo, y, yo, n);
        activation.apply(y, yo, n);
      };
    }
    return node.domain().isEmpty() ? LOOPS.get(node.operator()) : null;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Loop loop = loop(node);
    int size = Fused.size(node.output());
    Place from = planning.place(node.input(0));
    Place to = planning.place(node.output());
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(to);
      Workers.Task task = (piece, local) -> {
        int at = piece * PIECE;
        loop.run(x.array(), x.offset() + at, y.array(), y.offset() + at, Math.min(PIECE, size - at));
      };
      return workers -> workers.run((size + PIECE - 1) / PIECE, task);
    };
  }
}
