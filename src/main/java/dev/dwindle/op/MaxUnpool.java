package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** MaxUnpool: puts what a MaxPool kept back where its indices say, among zeros. */
final class MaxUnpool implements Operator {
  @Override
  public String name() {
    return "MaxUnpool";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    if (call.has(2) || !call.hasRank(0)) {
      return Inference.one(call.dtype(0), call.has(2) ? call.content(2) : null);
    }
    WindowAttributes attributes = WindowAttributes.ofPool(call);
    call.requireRank(0, attributes.rank() + 2, attributes.rank() + 2);
    List<Dim> dims = new ArrayList<>(call.dims(0).subList(0, 2));
    for (int i = 0; i < attributes.rank(); i++) {
      Dim stride = Dim.of(attributes.strides()[i]);
      dims.add(call.dims(0).get(i + 2).minus(Dim.of(1)).times(stride).plus(Dim.of(beyondStrides(attributes, i))));
    }
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    WindowAttributes attributes = WindowAttributes.ofPool(call);
    if (shape.rank() != attributes.rank() + 2 || !call.shape(1).equals(shape)) {
      throw call.invalid("input has shape " + shape + " and indices " + call.shape(1)
          + ", expected equal shapes with " + attributes.rank() + " spatial axes");
    }
    Shape pooled = shape;
    for (int i = 0; i < attributes.rank(); i++) {
      pooled = pooled.with(i + 2,
          (shape.dim(i + 2) - 1) * attributes.strides()[i] + beyondStrides(attributes, i));
    }
    Shape output = call.has(2) ? Shape.of(call.longs(2)) : pooled;
    if (output.rank() != shape.rank()) {
      throw call.invalid("output_shape is " + output + ", expected " + shape.rank() + " entries");
    }
    double[] x = call.doubles(0);
    long[] indices = call.longs(1);
    double[] y = new double[output.intSize()];
    for (int i = 0; i < x.length; i++) {
      long at = indices[i];
      if (at < 0 || at >= pooled.size()) {
        throw call.invalid("an index is " + at + ", expected 0 to " + (pooled.size() - 1));
      }
      y[placed(call, at, pooled, output)] = x[i];
    }
    return List.of(Elements.ofDoubles(call.dtype(0), output, y));
  }

  /** Where an element of the inferred shape stands in an output that may be larger. */
  private static int placed(Call call, long index, Shape pooled, Shape output) {
    if (pooled.equals(output)) {
      return (int) index;
    }
    long rest = index;
    long at = 0;
    long[] strides = output.strides();
    for (int axis = pooled.rank() - 1; axis >= 0; axis--) {
      long place = rest % pooled.dim(axis);
      if (place >= output.dim(axis)) {
        throw call.invalid("output_shape is " + output + ", expected at least " + pooled);
      }
      at += place * strides[axis];
      rest /= pooled.dim(axis);
    }
    return (int) at;
  }

  /** What the output is longer than (input - 1) strides. */
  private static long beyondStrides(WindowAttributes attributes, int axis) {
    return attributes.kernel()[axis] - attributes.pads()[axis] - attributes.pads()[axis + attributes.rank()];
  }
}
