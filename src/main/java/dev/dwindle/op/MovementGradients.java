package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Gradients of what moves elements: they move back, and are added where one element went to several places. */
final class MovementGradients {
  private MovementGradients() {}

  static List<Value> identity(Backward call) {
    return List.of(call.gradient());
  }

  static List<Value> reshape(Backward call) {
    return List.of(call.op("Reshape", call.gradient(), call.shapeOf(0)));
  }

  static List<Value> transpose(Backward call) {
    int rank = call.rank(0);
    long[] reversed = IntStream.range(0, rank).mapToLong(i -> rank - 1 - i).toArray();
    long[] order = call.integers("perm", reversed);
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) back[(int) order[i]] = i;
    return List.of(call.transposed(call.gradient(), back));
  }

  static List<Value> expand(Backward call) {
    return List.of(call.sumTo(call.gradient(), 0));
  }

  /** Each axis as repetitions of the axis, summed over the repetitions. */
  static List<Value> tile(Backward call) {
    Shape shape = call.shape(0);
    long[] repeats = call.constants(1);
    long[] split = new long[2 * shape.rank()];
    long[] axes = new long[shape.rank()];
    for (int i = 0; i < shape.rank(); i++) {
      split[2 * i] = repeats[i];
      split[2 * i + 1] = shape.dim(i);
      axes[i] = 2L * i;
    }
    Value sum = call.op("ReduceSum", List.of(Attribute.of("keepdims", 0)), call.reshaped(call.gradient(), split),
        call.integers(axes));
    return List.of(sum);
  }

  static List<Value> concat(Backward call) {
    long axis = call.axis(call.integer("axis"), call.rank(0));
    long[] sizes = IntStream.range(0, call.inputCount()).mapToLong(i -> call.shape(i).dim((int) axis)).toArray();
    return call.ops("Split", List.of(Attribute.of("axis", axis)), sizes.length, call.gradient(), call.integers(sizes));
  }

  /** The parts together; zeros where the loss does not depend on one. */
  static List<Value> split(Backward call) {
    Value[] parts = new Value[call.outputCount()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = call.gradient(i) != null ? call.gradient(i)
          : call.op("Expand", call.scalarLike(0, 0), call.op("Shape", call.output(i)));
    }
    return List.of(call.op("Concat", List.of(Attribute.of("axis", call.integer("axis", 0))), parts));
  }

  static List<Value> slice(Backward call) {
    Shape shape = call.shape(0);
    long[] starts = call.constants(1);
    long[] ends = call.constants(2);
    long[] axes = call.has(3) ? call.constants(3) : IntStream.range(0, starts.length).asLongStream().toArray();
    long[] pads = new long[2 * shape.rank()];
    Value gradient = call.gradient();
    for (int i = 0; i < starts.length; i++) {
      int axis = call.axis(axes[i], shape.rank());
      SliceGeometry.Cut cut = SliceGeometry.Cut.of(call, starts[i], ends[i], call.has(4) ? call.constants(4)[i] : 1,
          shape.dim(axis));
      if (cut.step() == 1) {
        pads[axis] = cut.start();
        pads[shape.rank() + axis] = shape.dim(axis) - cut.start() - cut.count();
      } else {
        gradient = spread(call, gradient, axis, cut, shape);
      }
    }
    return List.of(Arrays.stream(pads).allMatch(pad -> pad == 0) ? gradient
        : call.op("Pad", gradient, call.integers(pads)));
  }

  /** Along one axis: each place of the input takes what the slice made of it, or the zero behind the others. */
  private static Value spread(Backward call, Value gradient, int axis, SliceGeometry.Cut cut, Shape shape) {
    long[] places = new long[shape.intDim(axis)];
    Arrays.fill(places, cut.count());
    for (int i = 0; i < cut.count(); i++) places[(int) (cut.start() + i * cut.step())] = i;
    long[] pads = new long[2 * shape.rank()];
    pads[shape.rank() + axis] = 1;
    return call.op("Gather", List.of(Attribute.of("axis", axis)), call.op("Pad", gradient, call.integers(pads)),
        call.integers(places));
  }

  /** What was added is taken away again, and zeros come for what was taken away. */
  static List<Value> pad(Backward call) {
    if (!call.text("mode", "constant").equals("constant") || call.needs(2)) {
      throw call.invalid("mode is '" + call.text("mode", "constant") + "', expected constant padding for its gradient");
    }
    long[] pads = Arrays.stream(call.constants(1)).map(pad -> -pad).toArray();
    List<Value> inputs = new ArrayList<>(List.of(call.gradient(), call.integers(pads)));
    if (call.has(3)) inputs.addAll(Arrays.asList(null, call.input(3)));
    return List.of(call.op("Pad", inputs.toArray(Value[]::new)));
  }

  /** Slices are added at their indices, with the axis moved to the front. */
  static List<Value> gather(Backward call) {
    int rank = call.rank(0);
    int axis = call.axis(call.integer("axis", 0), rank);
    int indices = call.rank(1);
    int[] order = new int[rank - 1 + indices];
    for (int i = 0; i < order.length; i++) {
      order[i] = i < indices ? axis + i : i < indices + axis ? i - indices : i;
    }
    int[] first = new int[rank];
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      first[i] = i == 0 ? axis : i <= axis ? i - 1 : i;
      back[first[i]] = i;
    }
    Value zeros = call.zeros(0);
    Value places = call.dtype(1) == DType.INT64 ? call.input(1)
        : call.op("Cast", List.of(Attribute.of("to", DType.INT64.code())), call.input(1));
    Value at = call.op("Unsqueeze", places, call.integers(-1));
    if (axis == 0) return List.of(scattered(call, zeros, at, call.gradient()));
    Value sums = scattered(call, call.transposed(zeros, first), at, call.transposed(call.gradient(), order));
    return List.of(call.transposed(sums, back));
  }

  private static Value scattered(Backward call, Value zeros, Value at, Value gradient) {
    return call.op("ScatterND", List.of(Attribute.of("reduction", "add")), zeros, at, gradient);
  }

  static List<Value> gatherElements(Backward call) {
    return List.of(call.op("ScatterElements",
        List.of(Attribute.of("axis", call.integer("axis", 0)), Attribute.of("reduction", "add")), call.zeros(0),
        call.input(1), call.gradient()));
  }
}
