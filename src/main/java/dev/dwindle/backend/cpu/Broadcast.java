package dev.dwindle.backend.cpu;

import dev.dwindle.tensor.Shape;

/**
 * How two inputs broadcast to an output (ONNX, "Multidirectional Broadcasting"), as rows of neighbouring output
 * elements: within a row each input either moves along or stands still.
 *
 * @param length elements of a row
 * @param stepA 1 where the first input moves along a row, 0 where it stands still
 * @param stepB the same for the second
 * @param startsA first element of the first input in each row
 * @param startsB the same for the second
 */
record Broadcast(int length, int stepA, int stepB, int[] startsA, int[] startsB) {
  static Broadcast of(Shape a, Shape b, Shape output) {
    int rank = output.rank();
    long[] stridesA = strides(a, rank);
    long[] stridesB = strides(b, rank);
    int first = rank;
    long length = 1;
    int stepA = 1;
    int stepB = 1;
    // Axes join a row as long as each input goes on moving, or standing, as it did.
    while (first > 0) {
      int axis = first - 1;
      if (output.dim(axis) > 1) {
        boolean movesA = stridesA[axis] != 0;
        boolean movesB = stridesB[axis] != 0;
        if (length > 1 && ((stepA == 1) != movesA || (stepB == 1) != movesB)) {
          break;
        }
        stepA = movesA ? 1 : 0;
        stepB = movesB ? 1 : 0;
        length *= output.dim(axis);
      }
      first = axis;
    }
    int rows = Math.toIntExact(output.product(0, first));
    return new Broadcast(Math.toIntExact(length), stepA, stepB, starts(output, first, rows, stridesA),
        starts(output, first, rows, stridesB));
  }

  private static long[] strides(Shape shape, int rank) {
    long[] own = shape.strides();
    long[] strides = new long[rank];
    for (int i = 0; i < shape.rank(); i++) {
      strides[rank - shape.rank() + i] = shape.dim(i) == 1 ? 0 : own[i];
    }
    return strides;
  }

  private static int[] starts(Shape output, int axes, int rows, long[] strides) {
    int[] starts = new int[rows];
    for (int row = 0; row < rows; row++) {
      long rest = row;
      long at = 0;
      for (int axis = axes - 1; axis >= 0; axis--) {
        at += rest % output.dim(axis) * strides[axis];
        rest /= output.dim(axis);
      }
      starts[row] = Math.toIntExact(at);
    }
    return starts;
  }

  int rows() {
    return startsA.length;
  }
}
