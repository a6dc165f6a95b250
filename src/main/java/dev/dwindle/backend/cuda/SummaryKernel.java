package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** Histogram and Summary of FLOAT. */
final class SummaryKernel implements CudaKernel {
  private static final String FILE = "summary";
  private static final Kernel ENDS = new Kernel(FILE, "ends_of_blocks");
  private static final Kernel MEANS = new Kernel("reduce", "reduce_mean");
  private static final int THREADS = 256;
  private static final int MOST_BLOCKS = 1024;
  /** Elements that a block counts at least, as far as there are so many: what it has counted goes to all others' bin by bin. */
  private static final int COUNTED = 8192;
  private static final int MOST_COUNTING = 1024;

  @Override
  public boolean matches(Node node) {
    return (isHistogram(node) || Typed.isOwn(node, "Summary")) && Typed.mayBe(node.input(0), DType.FLOAT);
  }

  private static boolean isHistogram(Node node) {
    return Typed.isOwn(node, "Histogram");
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    Place x = planning.place(node.input(0));
    long size = shape.size();
    int blocks = Math.clamp(Math.ceilDiv(size, 4L * THREADS), 1, MOST_BLOCKS);
    Place ends = planning.scratch(2L * Float.BYTES * blocks);
    planning.launch(ENDS, Grid.ofBlocks(blocks, THREADS), new Arguments().at(x).at(ends).int64(size));
    if (isHistogram(node)) histogram(node, planning, ends, blocks);
    else
      summary(node, planning, ends, blocks);
  }

  private static void histogram(Node node, Planning planning, Place ends, int blocks) {
    int bins = Typed.shape(node.input(1)).intSize();
    long size = Typed.shape(node.input(0)).size();
    Place counts = planning.place(node.output(0));
    Place newEnds = planning.place(node.output(1));
    planning.launch(new Kernel(FILE, "histogram_widen"), Grid.ofBlocks(1, THREADS),
        new Arguments().at(ends).int32(blocks).at(planning.place(node.input(1))).at(planning.place(node.input(2)))
            .at(counts).at(newEnds).int32(bins));
    planning.launch(new Kernel(FILE, "histogram_count"),
        Grid.ofBlocks(Math.clamp(Math.ceilDiv(size, COUNTED), 1, MOST_COUNTING), THREADS),
        new Arguments().at(planning.place(node.input(0))).at(newEnds).at(counts).int64(size).int32(bins));
  }

  private static void summary(Node node, Planning planning, Place ends, int blocks) {
    planning.launch(new Kernel(FILE, "summary_ends"), Grid.ofBlocks(1, THREADS),
        new Arguments().at(ends).int32(blocks).at(planning.place(node.output(0))));
    Shape shape = Typed.shape(node.input(0));
    if (node.outputs().size() < 2) return;
    int planes = Math.toIntExact(shape.product(0, 2));
    int plane = Math.toIntExact(shape.product(2, shape.rank()));
    if (node.outputs().size() > 2 && node.output(2) != null) {
      planning.launch(new Kernel(FILE, "ends_of_planes"), Grid.ofBlocks(planes, THREADS),
          new Arguments().at(planning.place(node.input(0))).at(planning.place(node.output(2))).int64(plane));
    }
    if (node.output(1) == null) return;
    planning.launch(MEANS, Grid.ofBlocks(planes, THREADS),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.output(1)))
            .struct(new Axes().add(planes, plane, 0).struct()).struct(new Axes().add(plane, 1, 0).struct())
            .int64(plane));
  }
}
