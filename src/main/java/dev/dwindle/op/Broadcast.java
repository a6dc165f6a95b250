package dev.dwindle.op;

import dev.dwindle.graph.TensorType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.lang.reflect.Array;

/** Multidirectional broadcasting (ONNX, "Broadcasting in ONNX"): an array laid out as the larger shape. */
final class Broadcast {
  private Broadcast() {}

  /** The shape to which these inputs of a call broadcast. */
  static Shape shape(Evaluation call, int... inputs) {
    Shape shape = call.shape(inputs[0]);
    for (int i = 1; i < inputs.length; i++) {
      try {
        shape = Shape.broadcast(shape, call.shape(inputs[i]));
      } catch (InvalidInputException e) {
        throw call.invalid(e.getMessage());
      }
    }
    return shape;
  }

  /** The shape to which all inputs of a call broadcast. */
  static Shape shape(Evaluation call) {
    return shape(call, java.util.stream.IntStream.range(0, Math.max(1, call.inputCount())).toArray());
  }

  /** The element type that all inputs of a call must share. */
  static DType type(Evaluation call) {
    for (int i = 1; i < call.inputCount(); i++) {
      requireEqual(call, call.dtype(0), call.dtype(i));
    }
    return call.dtype(0);
  }

  /** The type of the output of a call whose inputs share an element type and broadcast to each other. */
  static TensorType infer(Inference call) {
    DType type = null;
    int[] all = new int[call.inputCount()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
      DType other = call.dtype(i);
      if (type != null && other != null) {
        requireEqual(call, type, other);
      }
      type = other == null ? type : other;
    }
    return new TensorType(type, call.broadcast(all));
  }

  private static void requireEqual(Call call, DType a, DType b) {
    if (a != b) {
      throw call.invalid("inputs are of types " + a.text() + " and " + b.text() + ", expected one type");
    }
  }

  /** The elements of an input as they stand in {@code shape}, to which it must broadcast (unidirectional). */
  static double[] onto(Evaluation call, int input, Shape shape) {
    return onto(call, call.doubles(input), call.shape(input), shape);
  }

  /** The elements of an array of shape {@code own} as they stand in {@code shape}, to which it must broadcast. */
  static <A> A onto(Call call, A values, Shape own, Shape shape) {
    if (!fits(own, shape)) {
      throw call.invalid("an input has shape " + own + ", expected one that broadcasts to " + shape);
    }
    return expand(values, own, shape);
  }

  /** Whether one shape broadcasts to another as it is. */
  static boolean fits(Shape own, Shape shape) {
    for (int axis = 1; axis <= own.rank(); axis++) {
      if (axis > shape.rank() || (own.dim(-axis) != 1 && own.dim(-axis) != shape.dim(-axis))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The elements of {@code array} (of any component type, row-major in shape {@code from}) repeated to fill shape
   * {@code to}; the array itself where the shapes have as many elements.
   */
  static <A> A expand(A array, Shape from, Shape to) {
    if (from.size() == to.size()) {
      return array;
    }
    @SuppressWarnings("unchecked")
    A result = (A) Array.newInstance(array.getClass().getComponentType(), to.intSize());
    if (to.size() > 0) {
      fill(array, result, padded(from, to.rank()), to, 0, 0, 0);
    }
    return result;
  }

  private static Shape padded(Shape from, int rank) {
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      int axis = i - (rank - from.rank());
      dims[i] = axis < 0 ? 1 : from.dim(axis);
    }
    return Shape.of(dims);
  }

  private static void fill(Object source, Object target, Shape from, Shape to, int axis, int at, int into) {
    int sourceBlock = (int) from.product(axis, from.rank());
    int targetBlock = (int) to.product(axis, to.rank());
    if (sourceBlock == targetBlock) {
      System.arraycopy(source, at, target, into, targetBlock);
      return;
    }
    int count = to.intDim(axis);
    int inner = targetBlock / count;
    if (from.dim(axis) == 1) {
      fill(source, target, from, to, axis + 1, at, into);
      repeat(target, into, inner, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      fill(source, target, from, to, axis + 1, at + i * (sourceBlock / count), into + i * inner);
    }
  }

  /** Copies the block at {@code into} until there are {@code count} of it, twice as many each time. */
  private static void repeat(Object target, int into, int block, int count) {
    int total = block * count;
    for (int done = block; done < total;) {
      int step = Math.min(done, total - done);
      System.arraycopy(target, into, target, into + done, step);
      done += step;
    }
  }
}
