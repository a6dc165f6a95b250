package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Col2Im: adds overlapping blocks, given as columns, up to an image. */
final class Col2Im implements Operator {
  @Override
  public String name() {
    return "Col2Im";
  }

  @Override
  public int since() {
    return 18;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    call.requireRank(0, 3, 3);
    List<Dim> image = call.content(1);
    long[] block = call.integers(2);
    if (!call.hasRank(0) || image == null) {
      return Inference.one(call.dtype(0), (List<Dim>) null);
    }
    List<Dim> dims = new ArrayList<>();
    dims.add(call.dims(0).get(0));
    dims.add(block == null ? Dim.unknown()
        : call.dims(0).get(1).floorDiv(Dim.of(Arrays.stream(block).reduce(1, (a, b) -> a * b))));
    dims.addAll(image);
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape columns = call.shape(0);
    long[] image = call.longs(1);
    WindowGeometry window = WindowAttributes.of(call, call.longs(2)).over(image);
    if (columns.rank() != 3 || columns.dim(1) % window.kernelSize() != 0 || columns.dim(2) != window.outputSize()) {
      throw call.invalid("input has shape " + columns + ", expected [batch, channels * " + window.kernelSize() + ", "
          + window.outputSize() + "]");
    }
    long[] dims = new long[2 + image.length];
    dims[0] = columns.dim(0);
    dims[1] = columns.dim(1) / window.kernelSize();
    System.arraycopy(image, 0, dims, 2, image.length);
    Shape shape = Shape.of(dims);
    double[] x = call.doubles(0);
    double[] y = new double[shape.intSize()];
    int planes = (int) shape.product(0, 2);
    int blocks = window.outputSize();
    WindowTaps taps = new WindowTaps(window);
    for (int o = 0; o < blocks; o++) {
      int[] offsets = taps.next();
      for (int plane = 0; plane < planes; plane++) {
        for (int k = 0; k < offsets.length; k++) {
          if (offsets[k] >= 0) {
            y[plane * window.inputSize() + offsets[k]] += x[(plane * offsets.length + k) * blocks + o];
          }
        }
      }
    }
    return List.of(Numbers.tensor(call.dtype(0), shape, y));
  }
}
