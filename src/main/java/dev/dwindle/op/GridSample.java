package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** GridSample: the input read at the positions of a grid, with coordinates from -1 to 1. */
final class GridSample implements Operator {
  @Override
  public String name() {
    return "GridSample";
  }

  @Override
  public int since() {
    return 16;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> x = call.dims(0);
    List<Dim> grid = call.dims(1);
    call.requireRank(0, 3, Integer.MAX_VALUE);
    if (x == null || grid == null || grid.size() != x.size()) {
      return Inference.one(call.dtype(0), (List<Dim>) null);
    }
    List<Dim> dims = new ArrayList<>(x.subList(0, 2));
    dims.addAll(grid.subList(1, grid.size() - 1));
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape x = call.shape(0);
    Shape grid = call.shape(1);
    int rank = x.rank() - 2;
    if (rank < 1 || grid.rank() != x.rank() || grid.dim(0) != x.dim(0) || grid.dim(-1) != rank) {
      throw call.invalid("input is " + x + " and grid " + grid + ", expected [batch, channels, ...] and [batch, ..., "
          + rank + "]");
    }
    if (x.product(2, x.rank()) == 0) {
      throw call.invalid("input is " + x + ", expected elements to sample");
    }
    Sampling sampling = sampling(call, x);
    long[] dims = grid.dims();
    System.arraycopy(dims, 1, dims, 2, rank);
    dims[0] = x.dim(0);
    dims[1] = x.dim(1);
    Shape shape = Shape.of(dims);
    double[] values = call.doubles(0);
    double[] positions = call.doubles(1);
    double[] y = new double[shape.intSize()];
    int channels = x.intDim(1);
    int in = (int) x.product(2, x.rank());
    int out = (int) shape.product(2, shape.rank());
    double[] at = new double[rank];
    for (int p = 0; p < grid.dim(0) * out; p++) {
      for (int axis = 0; axis < rank; axis++) {
        at[axis] = positions[p * rank + rank - 1 - axis];
      }
      sampling.moveTo(at);
      for (int c = 0; c < channels; c++) {
        int plane = p / out * channels + c;
        y[plane * out + p % out] = sampling.read(values, plane * in);
      }
    }
    return List.of(Numbers.tensor(call.dtype(0), shape, y));
  }

  private static Sampling sampling(Call call, Shape x) {
    String mode = call.text("mode", "linear");
    String padding = call.text("padding_mode", "zeros");
    mode = switch (mode) {
      case "bilinear" -> "linear";
      case "bicubic" -> "cubic";
      default -> mode;
    };
    if (!Set.of("linear", "nearest", "cubic").contains(mode)
        || !Set.of("zeros", "border", "reflection").contains(padding)) {
      throw call.invalid("mode is '" + mode + "' and padding_mode '" + padding
          + "', expected linear, nearest or cubic, and zeros, border or reflection");
    }
    int[] sizes = new int[x.rank() - 2];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = x.intDim(i + 2);
    }
    return new Sampling(sizes, mode, padding, call.flag("align_corners", false));
  }
}
