package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Operators that cut a tensor along its axes. */
final class Slicing {
  private Slicing() {}

  /** Slice: from starts to ends by steps, along given axes. */
  static final class Slice implements Operator {
    @Override
    public String name() {
      return "Slice";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0)) {
        return call.same(0);
      }
      List<Dim> dims = new ArrayList<>(call.dims(0));
      List<Dim> starts = bounds(call, "starts", 1);
      List<Dim> ends = bounds(call, "ends", 2);
      List<Dim> steps = bounds(call, "steps", 4);
      int count = starts != null ? starts.size() : ends != null ? ends.size() : -1;
      long[] axes = call.version() < 10 ? call.integers("axes", (long[]) null) : call.integers(3);
      if (axes == null && (call.has(3) || count < 0)) {
        dims.replaceAll(d -> Dim.unknown());
        return Inference.one(call.dtype(0), dims);
      }
      for (int i = 0; i < (axes == null ? count : axes.length); i++) {
        int axis = call.axis(axes == null ? i : axes[i], dims.size());
        dims.set(axis, cut(call, dims.get(axis), at(starts, i), at(ends, i), at(steps, i)));
      }
      return Inference.one(call.dtype(0), dims);
    }

    /** The bounds under this name; null where unknown; ones where steps are not given. */
    private static List<Dim> bounds(Inference call, String name, int input) {
      if (call.version() < 10) {
        long[] given = call.integers(name, (long[]) null);
        return given == null ? List.of() : Arrays.stream(given).mapToObj(Dim::of).toList();
      }
      return call.has(input) ? call.content(input) : List.of();
    }

    private static Dim at(List<Dim> bounds, int index) {
      return bounds == null ? null : index < bounds.size() ? bounds.get(index) : Dim.of(1);
    }

    private static Dim cut(Inference call, Dim dim, Dim start, Dim end, Dim step) {
      if (start == null || end == null || step == null) {
        return Dim.unknown();
      }
      if (dim.isKnown() && start.isKnown() && end.isKnown() && step.isKnown()) {
        return Dim.of(SliceGeometry.Cut.of(call, start.size(), end.size(), step.size(), dim.size()).count());
      }
      boolean whole = end.equals(dim) || (end.isKnown() && end.size() >= Integer.MAX_VALUE);
      if (start.is(0) && step.is(1) && whole) {
        return dim;
      }
      return Dim.symbol("slice(" + dim + "," + start + "," + end + "," + step + ")");
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      boolean attributes = call.version() < 10;
      long[] starts = attributes ? call.integers("starts") : call.longs(1);
      long[] ends = attributes ? call.integers("ends") : call.longs(2);
      long[] axes = Axes.of(call, 3, 10);
      long[] steps = attributes || !call.has(4) ? null : call.longs(4);
      Tensor input = call.required(0);
      SliceGeometry slice = SliceGeometry.of(call, input.shape(), starts, ends, axes, steps);
      return List.of(ElementBuffer.view(input, slice.shape(), slice.offset(), slice.strides()));
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> all = call.content(0);
      Dim start = at(bounds(call, "starts", 1), 0);
      Dim end = at(bounds(call, "ends", 2), 0);
      Dim step = at(bounds(call, "steps", 4), 0);
      if (all == null || start == null || end == null || step == null || !start.isKnown() || !end.isKnown()
          || !step.isKnown()) {
        return null;
      }
      SliceGeometry.Cut cut = SliceGeometry.Cut.of(call, start.size(), end.size(), step.size(), all.size());
      List<Dim> content = new ArrayList<>();
      for (long i = 0; i < cut.count(); i++) {
        content.add(all.get((int) (cut.start() + i * cut.step())));
      }
      return content;
    }
  }

  /** Split: into consecutive parts along an axis, of given or of equal sizes. */
  static final class Split implements Operator {
    @Override
    public String name() {
      return "Split";
    }

    @Override
    public int since() {
      return 2;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0)) {
        return Collections.nCopies(parts(call), call.tensor(0).withDims(null));
      }
      int axis = call.axis(call.integer("axis", 0), call.tensor(0).rank());
      List<Dim> sizes = sizes(call, call.dims(0).get(axis));
      List<ValueType> types = new ArrayList<>();
      for (int i = 0; i < parts(call); i++) {
        List<Dim> dims = new ArrayList<>(call.dims(0));
        dims.set(axis, sizes == null ? Dim.unknown() : sizes.get(i));
        types.add(new TensorType(call.dtype(0), dims));
      }
      return types;
    }

    private static List<Dim> sizes(Inference call, Dim dim) {
      if (call.version() >= 13 && call.has(1)) {
        List<Dim> given = call.content(1);
        requireCount(call, given == null ? parts(call) : given.size());
        return given;
      }
      long[] given = call.version() < 13 ? call.integers("split", (long[]) null) : null;
      if (given == null && !dim.isKnown()) {
        Dim parts = Dim.of(parts(call));
        return call.version() < 18 || dim.dividedBy(parts) != null
            ? Collections.nCopies(parts(call), dim.floorDiv(parts))
            : null;
      }
      return Arrays.stream(sizes(call, given, dim.isKnown() ? dim.size() : -1)).mapToObj(Dim::of).toList();
    }

    private static int parts(Call call) {
      long parts = call.integer("num_outputs", call.outputCount());
      if (parts != call.outputCount()) {
        throw call.invalid("num_outputs is " + parts + ", expected " + call.outputCount() + " as there are outputs");
      }
      return (int) parts;
    }

    private static void requireCount(Call call, int found) {
      if (found != call.outputCount()) {
        throw call
            .invalid("split has " + found + " sizes, expected one for each of " + call.outputCount() + " outputs");
      }
    }

    /** The sizes of the parts of an axis; its size is -1 where unknown and sizes are given. */
    private static long[] sizes(Call call, long[] given, long dim) {
      int parts = parts(call);
      if (given != null) {
        requireCount(call, given.length);
        if (Arrays.stream(given).anyMatch(size -> size < 0 || dim >= 0 && size > dim)
            || dim >= 0 && Arrays.stream(given).sum() != dim) {
          throw call.invalid("split is " + Arrays.toString(given)
              + ", expected sizes of 0 or more whose sum is the axis" + (dim < 0 ? "" : ", " + dim));
        }
        return given;
      }
      if (call.version() < 18 && dim % parts != 0) {
        throw call.invalid("axis of " + dim + " is split in " + parts + " parts, expected a dimension that divides");
      }
      long[] sizes = new long[parts];
      long size = Math.ceilDiv(dim, parts);
      for (int i = 0; i < parts; i++) {
        sizes[i] = Math.clamp(dim - i * size, 0, size);
      }
      return sizes;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor input = call.required(0);
      Shape shape = input.shape();
      int axis = call.axis(call.integer("axis", 0), shape.rank());
      long[] given = call.version() < 13 ? call.integers("split", (long[]) null) : call.has(1) ? call.longs(1) : null;
      long[] strides = shape.strides();
      List<Tensor> parts = new ArrayList<>();
      long start = 0;
      for (long size : sizes(call, given, shape.dim(axis))) {
        parts.add(ElementBuffer.view(input, shape.with(axis, size), start * strides[axis], strides));
        start += size;
      }
      return parts;
    }

    @Override
    public List<Dim> content(Inference call) {
      List<Dim> all = call.content(0);
      List<Dim> sizes = all == null || all.isEmpty() ? null : sizes(call, Dim.of(all.size()));
      return sizes == null || !sizes.getFirst().isKnown() ? null
          : all.subList(0, Math.clamp(sizes.getFirst().size(), 0, all.size()));
    }
  }
}
