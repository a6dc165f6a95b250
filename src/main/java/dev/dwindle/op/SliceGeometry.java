package dev.dwindle.op;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;

/**
 * What a Slice takes of a tensor: the element at {@code offset}, and from there on along each axis as many as {@code shape} says, {@code strides}
 * elements apart.
 */
public record SliceGeometry(long offset, Shape shape, long[] strides) {
  /** Where a slice begins on an axis, how it steps and how many elements it takes. */
  record Cut(long start, long step, long count) {
    /** Bounds as ONNX and NumPy read them: negative ones from the end, then clamped. */
    static Cut of(Call call, long start, long end, long step, long dim) {
      if (step == 0) {
        throw call.invalid("a step is 0, expected another number");
      }
      long from = start < 0 ? start + dim : start;
      long to = end < 0 ? end + dim : end;
      if (step > 0) {
        from = Math.clamp(from, 0, dim);
        to = Math.clamp(to, 0, dim);
        return new Cut(from, step, Math.max(0, Math.ceilDiv(to - from, step)));
      }
      from = Math.min(Math.max(from, 0), dim - 1);
      to = Math.min(Math.max(to, -1), dim - 1);
      return new Cut(from, step, dim == 0 ? 0 : Math.max(0, Math.ceilDiv(to - from, step)));
    }
  }

  /** The geometry of a Slice whose bounds are constants or attributes, of an input of this shape. */
  public static SliceGeometry of(Node node, Shape input) {
    Call call = new Call(node);
    boolean attributes = node.version() < 10;
    return of(call, input, attributes ? call.integers("starts") : numbers(node.input(1)),
        attributes ? call.integers("ends") : numbers(node.input(2)),
        attributes ? call.integers("axes", (long[]) null) : numbers(node.input(3)), numbers(node.input(4)));
  }

  private static long[] numbers(Value value) {
    return value == null ? null : Elements.longs(value.tensor());
  }

  /** Of these bounds; without axes the first ones are meant, without steps each is 1. */
  static SliceGeometry of(Call call, Shape input, long[] starts, long[] ends, long[] axes, long[] steps) {
    if (starts.length != ends.length || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw call.invalid("found " + starts.length + " starts and " + ends.length
          + " ends, expected as many of each, and of axes and steps where given");
    }
    long[] dims = input.dims();
    long[] strides = input.strides();
    long offset = 0;
    for (int i = 0; i < starts.length; i++) {
      int axis = call.axis(axes == null ? i : axes[i], dims.length);
      Cut cut = Cut.of(call, starts[i], ends[i], steps == null ? 1 : steps[i], dims[axis]);
      offset += cut.start * strides[axis];
      strides[axis] *= cut.step;
      dims[axis] = cut.count;
    }
    return new SliceGeometry(offset, Shape.of(dims), strides);
  }
}
