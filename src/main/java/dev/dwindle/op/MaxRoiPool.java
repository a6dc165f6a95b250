package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** MaxRoiPool: the greatest element in each bin of regions of feature maps, on whole pixels (Girshick, 2015). */
final class MaxRoiPool implements Operator {
  @Override
  public String name() {
    return "MaxRoiPool";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    call.requireRank(0, 4, 4);
    call.requireRank(1, 2, 2);
    long[] pooled = pooled(call);
    return Inference.one(call.dtype(0),
        List.of(call.hasRank(1) ? call.dims(1).getFirst() : Dim.unknown(),
            call.hasRank(0) ? call.dims(0).get(1) : Dim.unknown(), Dim.of(pooled[0]), Dim.of(pooled[1])));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    Shape regions = call.shape(1);
    if (shape.rank() != 4 || regions.rank() != 2 || regions.dim(1) != 5) {
      throw call.invalid("inputs are " + shape + " and " + regions
          + ", expected [batch, channels, height, width] and [regions, 5]");
    }
    long[] pooled = pooled(call);
    double scale = call.real("spatial_scale", 1);
    double[] x = call.doubles(0);
    double[] roi = call.doubles(1);
    int channels = shape.intDim(1);
    Shape output = Shape.of(regions.dim(0), channels, pooled[0], pooled[1]);
    double[] y = new double[output.intSize()];
    for (int r = 0, to = 0; r < regions.dim(0); r++) {
      int image = (int) roi[5 * r];
      if (image < 0 || image >= shape.dim(0)) {
        throw call.invalid("a batch index is " + image + ", expected 0 to " + (shape.dim(0) - 1));
      }
      long left = Math.round(roi[5 * r + 1] * scale);
      long top = Math.round(roi[5 * r + 2] * scale);
      double width = Math.max(Math.round(roi[5 * r + 3] * scale) - left + 1, 1) / (double) pooled[1];
      double height = Math.max(Math.round(roi[5 * r + 4] * scale) - top + 1, 1) / (double) pooled[0];
      for (int c = 0; c < channels; c++) {
        int plane = (image * channels + c) * shape.intDim(2) * shape.intDim(3);
        for (int row = 0; row < pooled[0]; row++) {
          int[] rows = bin(top, height, row, shape.intDim(2));
          for (int column = 0; column < pooled[1]; column++, to++) {
            y[to] = greatest(x, plane, shape.intDim(3), rows, bin(left, width, column, shape.intDim(3)));
          }
        }
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), output, y));
  }

  /** First and last (exclusive) pixel of a bin. */
  private static int[] bin(long start, double size, int index, int limit) {
    return new int[] {Math.clamp((long) Math.floor(index * size) + start, 0, limit),
        Math.clamp((long) Math.ceil((index + 1) * size) + start, 0, limit)};
  }

  private static double greatest(double[] x, int plane, int width, int[] rows, int[] columns) {
    double best = Double.NEGATIVE_INFINITY;
    for (int i = rows[0]; i < rows[1]; i++) {
      for (int j = columns[0]; j < columns[1]; j++) {
        best = Math.max(best, x[plane + i * width + j]);
      }
    }
    return best == Double.NEGATIVE_INFINITY ? 0 : best;
  }

  private static long[] pooled(Call call) {
    long[] pooled = call.integers("pooled_shape");
    if (pooled.length != 2) {
      throw call.invalid("pooled_shape has " + pooled.length + " entries, expected height and width");
    }
    return pooled;
  }
}
