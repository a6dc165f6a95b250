package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.SummaryLoops;
import dev.dwindle.graph.Node;
import dev.dwindle.tensor.Shape;

/** {@code dev.dwindle.Summary}: ends and means of planes in one reading. */
final class SummaryKernel implements CpuKernel {
  @Override
  public String name() {
    return "summary";
  }

  @Override
  public boolean matches(Node node) {
    return Fused.isOwn(node, "Summary") && Fused.isFloat(node.input(0))
        && Fused.size(node.input(0)) > 0 && node.output(0) != null;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Shape shape = Fused.shape(node.input(0));
    boolean asked = isAsked(node, 1);
    int planes = asked || isAsked(node, 2) ? Math.toIntExact(shape.product(0, 2)) : 1;
    int plane = shape.intSize() / planes;
    Place from = planning.place(node.input(0));
    Place ends = planning.place(node.output(0));
    Place means = asked ? planning.place(node.output(1)) : null;
    Place planeEnds = isAsked(node, 2) ? planning.place(node.output(2)) : null;
    Buffer scratch = planning.scratch(Store.FLOATS, SummaryLoops.SCRATCH);
    return memory -> {
      Slice x = memory.slice(from);
      Slice y = memory.slice(ends);
      Slice z = memory.slice(means);
      Slice each = memory.slice(planeEnds);
      Slice lanes = memory.slice(scratch);
      return workers -> SummaryLoops.run(x, planes, plane, y, z, each, lanes);
    };
  }

  private static boolean isAsked(Node node, int output) {
    return node.outputs().size() > output && node.output(output) != null;
  }
}
