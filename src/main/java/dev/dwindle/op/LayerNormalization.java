package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** LayerNormalization: zero mean and unit variance over the axes from {@code axis} on, then scale and bias. */
final class LayerNormalization implements Operator {
  @Override
  public String name() {
    return "LayerNormalization";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> statistics = null;
    if (call.hasRank(0)) {
      statistics = new ArrayList<>(call.dims(0));
      int rank = statistics.size();
      statistics.subList(call.axis(call.integer("axis", -1), rank), rank).replaceAll(d -> Dim.of(1));
    }
    TensorType saved = new TensorType(stash(call), statistics);
    return List.of(call.tensor(0), saved, saved);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    int axis = call.axis(call.integer("axis", -1), shape.rank());
    int outer = (int) shape.product(0, axis);
    int count = (int) shape.product(axis, shape.rank());
    double[] x = call.doubles(0);
    double[] scale = Broadcast.onto(call, 1, shape);
    double[] bias = call.has(2) ? Broadcast.onto(call, 2, shape) : null;
    double[] means = new double[outer];
    double[] inverses = new double[outer];
    double epsilon = call.real("epsilon", 1e-5f);
    for (int o = 0, from = 0; o < outer; o++, from += count) {
      means[o] = Moments.mean(x, from, count);
      inverses[o] = 1 / Math.sqrt(Moments.variance(x, from, count, means[o]) + epsilon);
      for (int i = from; i < from + count; i++) {
        x[i] = (x[i] - means[o]) * inverses[o] * scale[i] + (bias == null ? 0 : bias[i]);
      }
    }
    long[] dims = shape.dims();
    Arrays.fill(dims, axis, dims.length, 1);
    Shape saved = Shape.of(dims);
    return List.of(Elements.ofDoubles(call.dtype(0), shape, x), Elements.ofDoubles(stash(call), saved, means),
        Elements.ofDoubles(stash(call), saved, inverses));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    long axis = call.integer("axis", -1);
    DType dtype = call.type(0).dtype();
    long[] axes = call.axesFrom(axis);
    if (dtype != DType.FLOAT || axes == null) {
      return null;
    }
    Value mean = call.reduce("ReduceMean", call.input(0), axes);
    Value centred = call.op("Sub", call.input(0), mean);
    Value variance = call.reduce("ReduceMean", call.op("Mul", centred, centred), axes);
    Value deviation = call.op("Sqrt", call.op("Add", variance, call.constant(call.real("epsilon", 1e-5f))));
    Value scaled = call.op("Mul", call.op("Div", centred, deviation), call.input(1));
    Value y = call.has(2) ? call.op("Add", scaled, call.input(2)) : scaled;
    return call.outputCount() == 1 ? List.of(y)
        : List.of(y, mean, call.op("Reciprocal", List.<Attribute>of(), deviation));
  }

  private static DType stash(Call call) {
    return DType.ofCode(call.int32("stash_type", 1));
  }
}
