package dev.dwindle.op;

import dev.dwindle.tensor.Shape;

/** Inputs stretched to the shape of another (ONNX, "Unidirectional Broadcasting"). */
final class Broadcasts {
  private Broadcasts() {}

  /** The elements of an input as they would stand in {@code shape}, to which it must broadcast. */
  static double[] expand(Evaluation call, int input, Shape shape) {
    return expand(call, call.doubles(input), call.shape(input), shape);
  }

  /** The elements of an array of shape {@code own} as they would stand in {@code shape}. */
  static double[] expand(Call call, double[] values, Shape own, Shape shape) {
    if (own.equals(shape)) {
      return values;
    }
    if (!fits(own, shape)) {
      throw call.invalid("an input has shape " + own + ", expected one that broadcasts to " + shape);
    }
    int[] steps = new int[shape.rank()];
    for (int i = 1, step = 1; i <= own.rank(); step *= own.intDim(-i), i++) {
      steps[shape.rank() - i] = own.dim(-i) == 1 ? 0 : step;
    }
    double[] expanded = new double[shape.intSize()];
    int[] index = new int[shape.rank()];
    int from = 0;
    for (int i = 0; i < expanded.length; i++) {
      expanded[i] = values[from];
      for (int axis = shape.rank() - 1; axis >= 0; axis--) {
        from += steps[axis];
        if (++index[axis] < shape.dim(axis)) {
          break;
        }
        from -= steps[axis] * index[axis];
        index[axis] = 0;
      }
    }
    return expanded;
  }

  /** Whether one shape broadcasts to another as it is. */
  static boolean fits(Shape own, Shape shape) {
    boolean fits = own.rank() <= shape.rank();
    for (int i = 1; fits && i <= own.rank(); i++) {
      fits = own.dim(-i) == 1 || own.dim(-i) == shape.dim(-i);
    }
    return fits;
  }
}
