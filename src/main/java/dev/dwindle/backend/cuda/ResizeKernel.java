package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.op.Call;
import dev.dwindle.op.ResizeAxis;
import dev.dwindle.op.ResizeGeometry;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Resize of FLOAT, FLOAT16 or BFLOAT16 along the last two axes, by constants, in any mode. */
final class ResizeKernel implements CudaKernel {
  private static final Kernel KERNEL = new Kernel("resize", "resize");

  /** The taps of each output position along an axis and their weights, as tables. */
  private record Table(int count, Place taps, Place weights) {
    static Table of(ResizeAxis axis, int size) {
      int count = axis == null ? 1 : axis.taps()[0].length;
      int[] taps = new int[size * count];
      float[] weights = new float[size * count];
      for (int o = 0; o < size; o++) {
        for (int i = 0; i < count; i++) {
          taps[o * count + i] = axis == null ? o : axis.taps()[o][i];
          weights[o * count + i] = axis == null ? 1 : (float) axis.weights()[o][i];
        }
      }
      return new Table(count, new Place.Fixed(Tensor.of(Shape.of(taps.length), taps)),
          new Place.Fixed(Tensor.of(Shape.of(weights.length), weights)));
    }
  }

  @Override
  public boolean matches(Node node) {
    if (!Typed.is(node, "Resize") || node.version() < 11 || !Typed.areReal(List.of(node.input(0), node.output()))
        || new Call(node).text("coordinate_transformation_mode", "").equals("tf_crop_and_resize")) {
      return false;
    }
    TensorType in = node.input(0).tensorType();
    return in == null || !in.hasRank() || in.rank() > 1;
  }

  private static void requireOthersAsTheyAre(ResizeGeometry resize, int others) {
    for (ResizeAxis axis : resize.axes().subList(0, others)) {
      if (axis != null && !axis.isIdentity()) throw new RefusedException("more than its last two axes are resized");
    }
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape in = Typed.shape(node.input(0));
    Shape out = Typed.shape(node.output());
    Typed.requireConstants(node, 1);
    ResizeGeometry resize = ResizeGeometry.of(node, in);
    requireOthersAsTheyAre(resize, in.rank() - 2);
    Table rows = Table.of(resize.axes().get(in.rank() - 2), out.intDim(-2));
    Table columns = Table.of(resize.axes().get(in.rank() - 1), out.intDim(-1));
    planning.launch(KERNEL.over(Typed.dtype(node.output())), Grid.ofElements(out.size()),
        new Arguments().at(planning.place(node.input(0))).at(rows.taps).at(rows.weights).at(columns.taps)
            .at(columns.weights).at(planning.place(node.output())).int64(out.size())
            .struct(in.intDim(-2), in.intDim(-1), out.intDim(-2), out.intDim(-1), rows.count, columns.count));
  }
}
