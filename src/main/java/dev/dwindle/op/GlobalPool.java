package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** GlobalAveragePool, GlobalMaxPool and GlobalLpPool: every plane of {@code [batch, channels, ...]} to one number. */
final class GlobalPool implements Operator {
  private final String name;

  GlobalPool(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return name.equals("GlobalLpPool") ? 2 : 1;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    List<Dim> x = call.dims(0);
    if (x == null) {
      return Inference.one(call.dtype(0), (List<Dim>) null);
    }
    requireRank(call, x.size(), x);
    List<Dim> dims = new ArrayList<>(x.subList(0, 2));
    dims.addAll(Collections.nCopies(x.size() - 2, Dim.of(1)));
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape shape = call.shape(0);
    requireRank(call, shape.rank(), shape);
    double[] x = call.doubles(0);
    double[] y = new double[(int) shape.product(0, 2)];
    int size = (int) shape.product(2, shape.rank());
    double p = call.integer("p", 2);
    for (int i = 0; i < y.length; i++) {
      y[i] = switch (name) {
        case "GlobalAveragePool" -> powers(x, i * size, size, 0) / size;
        case "GlobalLpPool" -> Math.pow(powers(x, i * size, size, p), 1 / p);
        default -> greatest(x, i * size, size);
      };
    }
    long[] dims = shape.dims();
    Arrays.fill(dims, 2, dims.length, 1);
    return List.of(Elements.ofDoubles(call.dtype(0), Shape.of(dims), y));
  }

  private static double powers(double[] x, int from, int count, double p) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += p == 0 ? x[i] : Math.pow(Math.abs(x[i]), p);
    }
    return sum;
  }

  private static double greatest(double[] x, int from, int count) {
    double best = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      best = Math.max(best, x[i]);
    }
    return best;
  }

  private static void requireRank(Call call, int rank, Object shape) {
    if (rank < 2) {
      throw call.invalid("input has shape " + shape + ", expected [batch, channels, ...]");
    }
  }
}
