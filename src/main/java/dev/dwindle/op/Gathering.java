package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Operators that read the places that an index tensor names; negative indices count from the end of their axis. */
final class Gathering {
  private Gathering() {}

  /** An index in {@code 0 .. dim-1}. */
  static long index(Call call, long index, long dim) {
    if (index < -dim || index >= dim) {
      throw call.invalid("index is " + index + ", expected " + -dim + " to " + (dim - 1));
    }
    return index < 0 ? index + dim : index;
  }

  /** The slices of a tensor at these indices of an axis, in their order. */
  static Tensor take(Tensor from, int axis, long[] indices) {
    Shape shape = from.shape();
    ElementBuffer buffer = new ElementBuffer(from.dtype(), shape.with(axis, indices.length));
    long inner = shape.product(axis + 1, shape.rank());
    long outer = shape.product(0, axis);
    long to = 0;
    for (long o = 0; o < outer; o++) {
      for (long index : indices) {
        buffer.copy(from, (o * shape.dim(axis) + index) * inner, to, inner);
        to += inner;
      }
    }
    return buffer.tensor();
  }

  /** Gather: whole slices along an axis. */
  static final class Gather implements Operator {
    @Override
    public String name() {
      return "Gather";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0) || !call.hasRank(1)) {
        return Inference.one(call.dtype(0), (List<Dim>) null);
      }
      List<Dim> data = call.dims(0);
      int axis = call.axis(call.integer("axis", 0), data.size());
      List<Dim> dims = new ArrayList<>(data.subList(0, axis));
      dims.addAll(call.dims(1));
      dims.addAll(data.subList(axis + 1, data.size()));
      return Inference.one(call.dtype(0), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape data = call.shape(0);
      int axis = call.axis(call.integer("axis", 0), data.rank());
      long[] indices = call.longs(1);
      for (int i = 0; i < indices.length; i++) {
        indices[i] = index(call, indices[i], data.dim(axis));
      }
      int rank = call.shape(1).rank();
      long[] dims = new long[data.rank() - 1 + rank];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = i < axis ? data.dim(i) : i < axis + rank ? call.shape(1).dim(i - axis) : data.dim(i - rank + 1);
      }
      return List.of(take(call.required(0), axis, indices).reshape(Shape.of(dims)));
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> data = call.content(0);
      long[] indices = call.integers(1);
      if (data == null || indices == null || !call.hasRank(1) || call.tensor(1).rank() > 1) {
        return null;
      }
      List<Dim> content = new ArrayList<>();
      for (long i : indices) {
        content.add(data.get((int) index(call, i, data.size())));
      }
      return content;
    }
  }

  /** Where each element of an index tensor points in data of this shape, when it moves along one axis only. */
  static long[] elementOffsets(Call call, Shape data, Tensor indices, int axis) {
    Shape shape = indices.shape();
    if (shape.rank() != data.rank()) {
      throw call.invalid("indices have shape " + shape + ", expected as many axes as data " + data);
    }
    for (int i = 0; i < data.rank(); i++) {
      if (i != axis && shape.dim(i) > data.dim(i)) {
        throw call.invalid("indices have shape " + shape + ", expected none larger than data " + data + " but on axis "
            + axis);
      }
    }
    long[] offsets = Elements.longs(indices);
    long[] strides = data.strides();
    long along = strides[axis];
    strides[axis] = 0;
    Rows.walk(shape.dims(), strides, shape.strides(), (a, stepA, b, stepB, count) -> {
      for (int i = 0; i < count; i++) {
        int at = (int) (b + i * stepB);
        offsets[at] = a + i * stepA + along * index(call, offsets[at], data.dim(axis));
      }
    });
    return offsets;
  }

  /** GatherElements: one element for each index, along an axis. */
  static final class GatherElements implements Operator {
    @Override
    public String name() {
      return "GatherElements";
    }

    @Override
    public int since() {
      return 11;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Inference.one(call.dtype(0), call.dims(1));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor data = call.required(0);
      int axis = call.axis(call.integer("axis", 0), data.shape().rank());
      long[] offsets = elementOffsets(call, data.shape(), call.required(1), axis);
      ElementBuffer buffer = new ElementBuffer(data.dtype(), call.shape(1));
      for (int i = 0; i < offsets.length; i++) {
        buffer.copy(data, offsets[i], i, 1);
      }
      return List.of(buffer.tensor());
    }
  }

  /** Where each index tuple (the last axis of the index tensor) points in data of this shape, batch by batch. */
  static long[] tupleOffsets(Call call, Shape data, Tensor indices, int batchAxes) {
    Shape shape = indices.shape();
    long length = shape.rank() == 0 ? -1 : shape.dim(-1);
    if (length < 0 || batchAxes < 0 || length + batchAxes > data.rank() || batchAxes >= shape.rank()) {
      throw call.invalid("indices have shape " + shape + ", expected tuples of at most " + (data.rank() - batchAxes)
          + " indices into data " + data);
    }
    for (int i = 0; i < batchAxes; i++) {
      if (shape.dim(i) != data.dim(i)) {
        throw call
            .invalid("indices have shape " + shape + ", expected the " + batchAxes + " batch axes of data " + data);
      }
    }
    long[] values = Elements.longs(indices);
    long[] strides = data.strides();
    long[] offsets = new long[Math.toIntExact(shape.product(0, shape.rank() - 1))];
    long batches = shape.product(0, batchAxes);
    long perBatch = batches == 0 ? 0 : offsets.length / batches;
    long batchSize = data.product(batchAxes, data.rank());
    int next = 0;
    for (int i = 0; i < offsets.length; i++) {
      long offset = i / perBatch * batchSize;
      for (int k = 0; k < length; k++) {
        offset += strides[batchAxes + k] * index(call, values[next++], data.dim(batchAxes + k));
      }
      offsets[i] = offset;
    }
    return offsets;
  }

  /** GatherND: a slice for each index tuple. */
  static final class GatherND implements Operator {
    @Override
    public String name() {
      return "GatherND";
    }

    @Override
    public int since() {
      return 11;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0) || !call.hasRank(1) || !call.tensor(1).dim(-1).isKnown()) {
        return Inference.one(call.dtype(0), (List<Dim>) null);
      }
      List<Dim> data = call.dims(0);
      int tuple = tuple(call, call.tensor(1).dim(-1).size(), data.size(), call.tensor(1).rank());
      List<Dim> dims = new ArrayList<>(call.dims(1).subList(0, call.tensor(1).rank() - 1));
      dims.addAll(data.subList(tuple, data.size()));
      return Inference.one(call.dtype(0), dims);
    }

    /** The axes that the batch and an index tuple take of the data. */
    private static int tuple(Call call, long indices, int rank, int indexRank) {
      long batch = call.integer("batch_dims", 0);
      if (batch < 0 || batch >= indexRank || batch > rank || indices > rank - batch) {
        throw call.invalid("index tuples have " + indices + " indices and batch_dims is " + batch
            + ", expected 0 to " + rank + " together and less batch_dims than the indices have axes");
      }
      return (int) (batch + indices);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor data = call.required(0);
      Shape indices = call.shape(1);
      int tuple = tuple(call, indices.dim(-1), data.shape().rank(), indices.rank());
      int batch = tuple - indices.intDim(-1);
      long[] offsets = tupleOffsets(call, data.shape(), call.required(1), batch);
      long[] dims = new long[indices.rank() - 1 + data.shape().rank() - tuple];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = i < indices.rank() - 1 ? indices.dim(i) : data.shape().dim(i - indices.rank() + 1 + tuple);
      }
      long inner = data.shape().product(tuple, data.shape().rank());
      ElementBuffer buffer = new ElementBuffer(data.dtype(), Shape.of(dims));
      for (int i = 0; i < offsets.length; i++) {
        buffer.copy(data, offsets[i], i * inner, inner);
      }
      return List.of(buffer.tensor());
    }
  }
}
