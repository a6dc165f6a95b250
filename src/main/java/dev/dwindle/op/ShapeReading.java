package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Operators that read the shape of a tensor and none of its elements. */
final class ShapeReading {
  private ShapeReading() {}

  /** Shape: the dimensions, from {@code start} to {@code end} (since version 15). */
  static final class ShapeOf implements Operator {
    @Override
    public String name() {
      return "Shape";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> content = content(call);
      return Inference.one(
          DType.INT64, List.of(content == null ? Dim.unknown() : Dim.of(content.size())));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      long[] dims = call.shape(0).dims();
      int from = bound(call, "start", 0, dims.length);
      long[] read = Arrays.copyOfRange(dims, from, Math.max(from, bound(call, "end", dims.length, dims.length)));
      return List.of(Tensor.of(Shape.of(read.length), read));
    }

    @Override
    public List<Dim> content(Inference call) {
      if (!call.hasRank(0)) {
        return null;
      }
      int rank = call.tensor(0).rank();
      int from = bound(call, "start", 0, rank);
      return call.dims(0).subList(from, Math.max(from, bound(call, "end", rank, rank)));
    }

    private static int bound(Call call, String name, long otherwise, int rank) {
      long bound = call.integer(name, otherwise);
      return Math.clamp(bound < 0 ? bound + rank : bound, 0, rank);
    }
  }

  /** Size: the number of elements. */
  static final class Size implements Operator {
    @Override
    public String name() {
      return "Size";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Inference.one(DType.INT64, Shape.SCALAR);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      return List.of(Tensor.scalar(call.required(0).size()));
    }

    @Override
    public List<Dim> content(Inference call) {
      return call.hasRank(0) ? List.of(Axes.product(call.dims(0), 0, call.tensor(0).rank())) : null;
    }
  }
}
