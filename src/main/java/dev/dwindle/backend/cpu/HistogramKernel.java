package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.HistogramLoops;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.SummaryLoops;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Bins;

/** {@code dev.dwindle.Histogram}: FLOAT elements into bins that widen with their range. */
final class HistogramKernel implements CpuKernel {
  @Override
  public String name() {
    return "histogram";
  }

  @Override
  public boolean matches(Node node) {
    return Fused.isOwn(node, "Histogram") && Fused.isFloat(node.input(0))
        && Fused.size(node.input(0)) > 0 && Fused.type(node.input(1)) != null && Fused.size(node.input(1)) > 1
        && Fused.size(node.input(1)) % 2 == 0 && Fused.type(node.input(2)) != null && Fused.size(node.input(2)) == 2;
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    int n = Fused.size(node.input(0));
    int count = Fused.size(node.input(1));
    Place from = planning.place(node.input(0));
    Place countsBefore = planning.place(node.input(1));
    Place endsBefore = planning.place(node.input(2));
    Place countsAfter = planning.place(node.output(0));
    Place endsAfter = planning.place(node.output(1));
    Buffer scratch = planning.scratch(Store.FLOATS, SummaryLoops.SCRATCH);
    return memory -> {
      Slice x = memory.slice(from);
      Slice before = memory.slice(endsBefore);
      Slice after = memory.slice(endsAfter);
      long[] old = (long[]) memory.array(countsBefore);
      int oldAt = Memory.offset(countsBefore);
      long[] counts = (long[]) memory.array(countsAfter);
      int at = Memory.offset(countsAfter);
      Slice lanes = memory.slice(scratch);
      return workers -> {
        System.arraycopy(old, oldAt, counts, at, count);
        SummaryLoops.run(x, 1, n, after, null, null, lanes);
        if (widen(before, after)) {
          Bins bins = Bins.covering(low(after), high(after), count);
          if (low(before) <= high(before)) {
            move(counts, at, count, Bins.covering(low(before), high(before), count), bins);
          }
          HistogramLoops.count(x.array(), x.offset(), n, bins, counts, at);
        }
      };
    };
  }

  /** Takes the ends of before into those of the elements; false where they are not finite. */
  private static boolean widen(Slice before, Slice after) {
    after.array()[after.offset()] = Math.min(low(before), low(after));
    after.array()[after.offset() + 1] = Math.max(high(before), high(after));
    return Float.isFinite(low(after)) && Float.isFinite(high(after));
  }

  /** Widening is rare: it may allocate. */
  private static void move(long[] counts, int at, int count, Bins from, Bins to) {
    if (!from.equals(to)) {
      long[] narrow = new long[count];
      System.arraycopy(counts, at, narrow, 0, count);
      System.arraycopy(from.moved(narrow, to), 0, counts, at, count);
    }
  }

  private static float low(Slice ends) {
    return ends.array()[ends.offset()];
  }

  private static float high(Slice ends) {
    return ends.array()[ends.offset() + 1];
  }
}
