package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** AffineGrid: where each position of an image lies after an affine map, in coordinates from -1 to 1. */
final class AffineGrid implements Operator {
  @Override
  public String name() {
    return "AffineGrid";
  }

  @Override
  public int since() {
    return 20;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> size = call.content(1);
    if (size == null || size.size() < 4) {
      return Inference.one(call.dtype(0), (List<Dim>) null);
    }
    List<Dim> dims = new ArrayList<>(List.of(size.getFirst()));
    dims.addAll(size.subList(2, size.size()));
    dims.add(Dim.of(size.size() - 2));
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    long[] size = call.longs(1);
    int rank = size.length - 2;
    if (rank < 1 || !call.shape(0).equals(Shape.of(size[0], rank, rank + 1))) {
      throw call.invalid("theta has shape " + call.shape(0) + " for size " + Shape.of(size)
          + ", expected [batch, axes, axes + 1]");
    }
    boolean align = call.flag("align_corners", false);
    double[] theta = call.doubles(0);
    Shape plane = Shape.of(Arrays.copyOfRange(size, 2, size.length));
    long[] dims = new long[rank + 2];
    dims[0] = size[0];
    System.arraycopy(size, 2, dims, 1, rank);
    dims[rank + 1] = rank;
    double[] y = new double[Shape.of(dims).intSize()];
    double[] position = new double[rank];
    int positions = plane.intSize();
    for (int i = 0; i < positions; i++) {
      int rest = i;
      for (int axis = rank - 1; axis >= 0; axis--) {
        position[rank - 1 - axis] = coordinate(rest % plane.intDim(axis), plane.intDim(axis), align);
        rest /= plane.intDim(axis);
      }
      for (int n = 0; n < size[0]; n++) {
        for (int r = 0; r < rank; r++) {
          int row = (n * rank + r) * (rank + 1);
          double sum = theta[row + rank];
          for (int k = 0; k < rank; k++) {
            sum += theta[row + k] * position[k];
          }
          y[(n * positions + i) * rank + r] = sum;
        }
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), Shape.of(dims), y));
  }

  private static double coordinate(int index, int length, boolean align) {
    return align ? length == 1 ? -1 : 2.0 * index / (length - 1) - 1 : (2.0 * index + 1) / length - 1;
  }
}
