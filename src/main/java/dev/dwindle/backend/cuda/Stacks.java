package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/**
 * The sizes of a product of stacks of matrices, as numpy's {@code matmul} forms it.
 *
 * @param axes of the stack, which count the matrices on either side
 */
record Stacks(int rows, int inner, int columns, Axes axes, long matrices) {
  /** @throws ArithmeticException where a matrix has more elements than an int counts */
  static Stacks of(Shape a, Shape b) {
    Shape left = a.rank() == 1 ? Shape.of(1, a.dim(0)) : a;
    Shape right = b.rank() == 1 ? Shape.of(b.dim(0), 1) : b;
    Shape leftStack = stackOf(left);
    Shape rightStack = stackOf(right);
    Shape stack = Shape.broadcast(leftStack, rightStack);
    Math.multiplyExact(left.intDim(-2), left.intDim(-1));
    Math.multiplyExact(right.intDim(-2), right.intDim(-1));
    return new Stacks(left.intDim(-2), left.intDim(-1), right.intDim(-1),
        Axes.broadcast(leftStack, rightStack, stack), stack.size());
  }

  private static Shape stackOf(Shape shape) {
    return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
  }
}
