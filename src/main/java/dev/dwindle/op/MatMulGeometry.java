package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A product of stacks of matrices as numpy's {@code matmul} forms it: stack dimensions broadcast, a vector is one row on
 * the left and one column on the right and its axis is dropped. Product {@code i} is the {@code rows x inner} matrix at
 * element {@code aOffsets[i]} times the {@code inner x columns} matrix at {@code bOffsets[i]}, all row-major.
 */
public record MatMulGeometry(int rows, int inner, int columns, int[] aOffsets, int[] bOffsets, Shape output) {

  /** The geometry of a product of these shapes, each of one axis or more. */
  public static MatMulGeometry of(Call call, Shape a, Shape b) {
    requireRanks(call, a.rank(), b.rank(), a + " and " + b);
    Shape left = a.rank() == 1 ? Shape.of(1, a.dim(0)) : a;
    Shape right = b.rank() == 1 ? Shape.of(b.dim(0), 1) : b;
    if (left.dim(-1) != right.dim(-2)) {
      throw mismatch(call, a + " and " + b);
    }
    Shape leftStack = stack(left);
    Shape rightStack = stack(right);
    Shape stack = Shape.broadcast(leftStack, rightStack);
    List<Long> dims = new ArrayList<>();
    for (long dim : stack.dims()) {
      dims.add(dim);
    }
    if (a.rank() > 1) {
      dims.add(left.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(right.dim(-1));
    }
    int rows = left.intDim(-2);
    int inner = left.intDim(-1);
    int columns = right.intDim(-1);
    return new MatMulGeometry(rows, inner, columns, offsets(leftStack, stack, rows * inner),
        offsets(rightStack, stack, inner * columns), Shape.of(dims.stream().mapToLong(Long::longValue).toArray()));
  }

  /** The output's dimensions, or null where a rank is unknown. */
  public static List<Dim> infer(Inference call, List<Dim> a, List<Dim> b) {
    if (a == null || b == null) {
      return null;
    }
    requireRanks(call, a.size(), b.size(), a + " and " + b);
    Dim inner = a.getLast();
    Dim other = b.get(Math.max(0, b.size() - 2));
    if (inner.isKnown() && other.isKnown() && !inner.equals(other)) {
      throw mismatch(call, a + " and " + b);
    }
    List<Dim> dims = new ArrayList<>(
        call.broadcast(a.subList(0, Math.max(0, a.size() - 2)), b.subList(0, Math.max(0, b.size() - 2))));
    dims.addAll(a.size() > 1 ? List.of(a.get(a.size() - 2)) : Collections.emptyList());
    dims.addAll(b.size() > 1 ? List.of(b.getLast()) : Collections.emptyList());
    return dims;
  }

  private static void requireRanks(Call call, int a, int b, String shapes) {
    if (a == 0 || b == 0) {
      throw call.invalid("inputs of shapes " + shapes + ", expected one axis or more");
    }
  }

  private static RuntimeException mismatch(Call call, String shapes) {
    return call.invalid(
        "inputs of shapes " + shapes
            + ", expected the last axis of the first as long as the last but one of the second");
  }

  private static Shape stack(Shape shape) {
    long[] dims = new long[shape.rank() - 2];
    System.arraycopy(shape.dims(), 0, dims, 0, dims.length);
    return Shape.of(dims);
  }

  /** The element at which the matrix for each place of the broadcast stack begins. */
  private static int[] offsets(Shape own, Shape stack, int matrix) {
    int[] offsets = new int[stack.intSize()];
    long[] strides = own.strides();
    int missing = stack.rank() - own.rank();
    for (int i = 0; i < offsets.length; i++) {
      long rest = i;
      long at = 0;
      for (int axis = stack.rank() - 1; axis >= 0; axis--) {
        long index = rest % stack.dim(axis);
        rest /= stack.dim(axis);
        if (axis >= missing && own.dim(axis - missing) > 1) {
          at += index * strides[axis - missing];
        }
      }
      offsets[i] = Math.toIntExact(at * matrix);
    }
    return offsets;
  }
}
