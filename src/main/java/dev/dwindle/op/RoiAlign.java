package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** RoiAlign: regions of feature maps pooled to one size, sampled between pixels (He and others, 2017). */
final class RoiAlign implements Operator {
  /** Beyond this a region of interest is nonsense, and sampling it would not end. */
  private static final int MAX_POINTS = 1 << 24;

  @Override
  public String name() {
    return "RoiAlign";
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    call.requireRank(0, 4, 4);
    call.requireRank(1, 2, 2);
    Dim regions = call.hasRank(1) ? call.dims(1).getFirst() : Dim.unknown();
    Dim channels = call.hasRank(0) ? call.dims(0).get(1) : Dim.unknown();
    return Inference.one(call.dtype(0),
        List.of(regions, channels, Dim.of(call.integer("output_height", 1)), Dim.of(call.integer("output_width", 1))));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    if (shape.rank() != 4 || call.shape(1).rank() != 2 || call.shape(1).dim(1) != 4
        || call.shape(2).size() != call.shape(1).dim(0)) {
      throw call.invalid("inputs are " + shape + ", " + call.shape(1) + ", " + call.shape(2)
          + ", expected [batch, channels, height, width], [regions, 4], [regions]");
    }
    String mode = call.text("mode", "avg");
    if (!mode.equals("avg") && !mode.equals("max")) {
      throw call.invalid("mode is '" + mode + "', expected avg or max");
    }
    int rows = call.int32("output_height", 1);
    int columns = call.int32("output_width", 1);
    if (rows < 1 || columns < 1 || shape.dim(2) < 1 || shape.dim(3) < 1) {
      throw call.invalid("output is " + rows + " x " + columns + " of input " + shape + ", expected at least 1 x 1");
    }
    int channels = shape.intDim(1);
    double[] x = call.doubles(0);
    double[] regions = call.doubles(1);
    long[] images = call.longs(2);
    double[] y = new double[Shape.of(images.length, channels, rows, columns).intSize()];
    for (int r = 0, to = 0; r < images.length; r++) {
      if (images[r] < 0 || images[r] >= shape.dim(0)) {
        throw call.invalid("a batch index is " + images[r] + ", expected 0 to " + (shape.dim(0) - 1));
      }
      Region region = region(call, regions, 4 * r, shape);
      for (int c = 0; c < channels; c++) {
        int plane = ((int) images[r] * channels + c) * region.height * region.width;
        for (int i = 0; i < rows * columns; i++) {
          y[to++] = region.bin(x, plane, i / columns, i % columns, mode.equals("max"));
        }
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), Shape.of(images.length, channels, rows, columns), y));
  }

  private static Region region(Call call, double[] corners, int at, Shape shape) {
    boolean half = call.version() >= 16
        && call.text("coordinate_transformation_mode", "half_pixel").equals("half_pixel");
    double shift = half ? 0.5 : 0;
    double scale = call.real("spatial_scale", 1);
    double left = corners[at] * scale - shift;
    double top = corners[at + 1] * scale - shift;
    double width = corners[at + 2] * scale - shift - left;
    double height = corners[at + 3] * scale - shift - top;
    width = half ? width : Math.max(width, 1);
    height = half ? height : Math.max(height, 1);
    double binWidth = width / call.integer("output_width", 1);
    double binHeight = height / call.integer("output_height", 1);
    int samples = call.int32("sampling_ratio", 0);
    int across = samples > 0 ? samples : (int) Math.ceil(binWidth);
    int down = samples > 0 ? samples : (int) Math.ceil(binHeight);
    if ((double) across * down > MAX_POINTS) {
      throw call.invalid("a bin is sampled at " + across + " x " + down + " points, expected at most " + MAX_POINTS);
    }
    return new Region(shape.intDim(2), shape.intDim(3), left, top, binWidth, binHeight, across, down);
  }

  /** A region in pixels: where it begins, the size of a bin, and how many points of a bin are sampled. */
  private record Region(int height, int width, double left, double top, double binWidth, double binHeight,
      int samplesAcross, int samplesDown) {

    double bin(double[] x, int plane, int row, int column, boolean greatest) {
      double sum = 0;
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < samplesDown; i++) {
        double v = top + row * binHeight + (i + 0.5) * binHeight / samplesDown;
        for (int j = 0; j < samplesAcross; j++) {
          double u = left + column * binWidth + (j + 0.5) * binWidth / samplesAcross;
          double[] corners = corners(x, plane, v, u);
          for (double corner : corners) {
            sum += corner;
            max = Math.max(max, corner);
          }
        }
      }
      return greatest ? max == Double.NEGATIVE_INFINITY ? 0 : max : sum / Math.max(1, samplesDown * samplesAcross);
    }

    /** The four weighted pixels about a point: their sum is the bilinear value. */
    private double[] corners(double[] x, int plane, double v, double u) {
      if (v < -1 || v > height || u < -1 || u > width) {
        return new double[] {0, 0, 0, 0};
      }
      double row = Math.clamp(v, 0, height - 1);
      double column = Math.clamp(u, 0, width - 1);
      int top = (int) row;
      int left = (int) column;
      int bottom = Math.min(top + 1, height - 1);
      int right = Math.min(left + 1, width - 1);
      double down = row - top;
      double across = column - left;
      return new double[] {(1 - down) * (1 - across) * x[plane + top * width + left],
          (1 - down) * across * x[plane + top * width + right],
          down * (1 - across) * x[plane + bottom * width + left],
          down * across * x[plane + bottom * width + right]};
    }
  }
}
