package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.FakeQuantizeLoops;
import dev.dwindle.backend.cpu.kernel.Slice;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/** Fake quantization of FLOAT by scales that may change from run to run, and its gradient, whose sums do not depend on the number of threads. */
final class FakeQuantizeKernel implements CpuKernel {
  /** Elements that one thread does at a time, and that are summed in single precision. */
  private static final int PIECE = 1 << 13;
  private static final String GRADIENT = "FakeQuantizeGradient";

  @Override
  public String name() {
    return "fake quantize";
  }

  @Override
  public boolean matches(Node node) {
    if (!Fused.isOwn(node, "FakeQuantize") && !Fused.isOwn(node, GRADIENT)) return false;
    return node.inputs().stream().allMatch(Fused::isFloat) && Fused.size(node.input(0)) > 0
        && fits(node, Fused.shape(node.input(1))) && Fused.shape(node.input(1)).equals(Fused.shape(node.input(2)))
        && (node.inputs().size() < 4 || Fused.shape(node.input(3)).equals(Fused.shape(node.input(0))));
  }

  /** Whether there is one scale, or one for each index of the axis. */
  private static boolean fits(Node node, Shape scale) {
    Shape shape = Fused.shape(node.input(0));
    return scale.rank() == 0
        || (scale.rank() == 1 && (scale.size() == 1 || scale.dim(0) == shape.dim(axis(node, shape))));
  }

  private static int axis(Node node, Shape shape) {
    return shape.rank() == 1 ? 0 : new Call(node).axis(new Call(node).integer("axis", 1), shape.rank());
  }

  /**
   * How the elements fall into pieces: rows of {@code channels} runs of {@code inner} elements of one scale. Long runs are cut into chunks, short ones are
   * taken several at a time; runs of one element are done row by row.
   */
  private record Layout(int rows, int channels, int inner) {
    static Layout of(Node node) {
      Shape shape = Fused.shape(node.input(0));
      if (Fused.size(node.input(1)) == 1) return new Layout(1, 1, shape.intSize());
      int axis = axis(node, shape);
      return new Layout((int) shape.product(0, axis), shape.intDim(axis),
          (int) shape.product(axis + 1, shape.rank()));
    }

    boolean byRow() {
      return inner == 1 && channels > 1;
    }

    /** Rows, or runs, of a piece. */
    int together() {
      return Math.max(1, PIECE / (byRow() ? channels : inner));
    }

    /** Pieces of a run. */
    int chunks() {
      return byRow() ? 1 : Math.ceilDiv(inner, PIECE);
    }

    int pieces() {
      return byRow() ? Math.ceilDiv(rows, together())
          : chunks() > 1 ? rows * channels * chunks() : Math.ceilDiv(rows * channels, together());
    }

    /** Sums that are kept apart: one for each scale and piece, or each chunk. */
    int sums() {
      return byRow() ? pieces() * channels : rows * channels * chunks();
    }

    /** The first row or run of a piece, and the end of them. */
    int first(int piece) {
      return chunks() > 1 ? piece / chunks() : piece * together();
    }

    int end(int piece) {
      return chunks() > 1 ? piece / chunks() + 1
          : Math.min(byRow() ? rows : rows * channels, first(piece) + together());
    }

    /** Where the chunk of a piece begins in its run. */
    int start(int piece) {
      return chunks() > 1 ? piece % chunks() * PIECE : 0;
    }
  }

  /** What is read and written. */
  private record Operands(Slice x, Slice scales, Slice zeros, Slice gradient, Slice y) {}

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Layout layout = Layout.of(node);
    Call call = new Call(node);
    FakeQuantizeLoops loops = new FakeQuantizeLoops(call.int32("low"), call.int32("high"));
    boolean back = Fused.isOwn(node, GRADIENT);
    Place x = planning.place(node.input(0));
    Place scales = planning.place(node.input(1));
    Place zeros = planning.place(node.input(2));
    Place gradient = back ? planning.place(node.input(3)) : null;
    Place y = planning.place(node.output(0));
    Value second = back && node.outputs().size() > 1 ? node.output(1) : null;
    Place ofScale = second == null ? null : planning.place(second);
    float most = Math.max(1, call.int32("high"));
    return memory -> {
      Operands all = new Operands(memory.slice(x), memory.slice(scales), memory.slice(zeros),
          back ? memory.slice(gradient) : null, memory.slice(y));
      if (!back) {
        Workers.Task task = (piece, local) -> forward(layout, loops, all, piece);
        return workers -> workers.run(layout.pieces(), task);
      }
      float[] sums = new float[layout.sums()];
      Slice to = ofScale == null ? null : memory.slice(ofScale);
      Workers.Task task = (piece, local) -> backward(layout, loops, all, piece, sums);
      return workers -> {
        workers.run(layout.pieces(), task);
        if (to != null) add(layout, sums, most, to);
      };
    };
  }

  private static void forward(Layout layout, FakeQuantizeLoops loops, Operands all, int piece) {
    float[] x = all.x.array();
    float[] y = all.y.array();
    int width = layout.byRow() ? layout.channels : layout.inner;
    int from = layout.start(piece);
    for (int i = layout.first(piece); i < layout.end(piece); i++) {
      int at = i * width + from;
      if (layout.byRow()) {
        loops.each(x, all.x.offset() + at, y, all.y.offset() + at, width, all.scales, all.zeros);
      } else {
        int c = i % layout.channels;
        loops.run(x, all.x.offset() + at, y, all.y.offset() + at, Math.min(width - from, chunk(layout)),
            element(all.scales, c), element(all.zeros, c));
      }
    }
  }

  private static void backward(Layout layout, FakeQuantizeLoops loops, Operands all, int piece, float[] sums) {
    int width = layout.byRow() ? layout.channels : layout.inner;
    int from = layout.start(piece);
    Slice own = layout.byRow() ? new Slice(sums, piece * width) : null;
    if (own != null) Arrays.fill(sums, own.offset(), own.offset() + width, 0);
    for (int i = layout.first(piece); i < layout.end(piece); i++) {
      int at = i * width + from;
      Slice x = all.x.plus(at);
      Slice g = all.gradient.plus(at);
      Slice y = all.y.plus(at);
      if (own != null) {
        loops.eachGradient(x, g, y, width, all.scales, all.zeros, own);
      } else {
        int c = i % layout.channels;
        sums[i * layout.chunks() + from / PIECE] = loops.runGradient(x, g, y, Math.min(width - from, chunk(layout)),
            element(all.scales, c), element(all.zeros, c));
      }
    }
  }

  private static int chunk(Layout layout) {
    return layout.chunks() > 1 ? PIECE : layout.inner;
  }

  private static float element(Slice slice, int index) {
    return slice.array()[slice.offset() + index];
  }

  /** Adds the sums of each scale, in order, in double precision. */
  private static void add(Layout layout, float[] sums, float most, Slice to) {
    double share = 1 / Math.sqrt((double) layout.rows * layout.inner * most);
    int near = layout.byRow() ? 1 : layout.chunks();
    int all = layout.channels * near;
    for (int c = 0; c < layout.channels; c++) {
      double sum = 0;
      for (int row = c * near; row < sums.length; row += all) {
        for (int k = row; k < row + near; k++) sum += sums[k];
      }
      to.array()[to.offset() + c] = (float) (sum * share);
    }
  }
}
