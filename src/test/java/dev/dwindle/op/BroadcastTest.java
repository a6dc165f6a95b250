package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class BroadcastTest {
  private static final long[][] SHAPES = {{}, {1}, {5}, {3, 1}, {1, 5}, {3, 5}, {2, 1, 5}, {2, 3, 1}, {1, 3, 5},
      {2, 1, 1}, {4, 2, 3, 5}, {4, 1, 1, 5}, {4, 1, 3, 1}};

  private static int[] counted(int size) {
    int[] x = new int[size];
    for (int i = 0; i < size; i++) {
      x[i] = i;
    }
    return x;
  }

  /** Each element by the definition: the index of every axis, or 0 where the source has one element. */
  private static int[] expected(Shape from, Shape to) {
    int[] y = new int[to.intSize()];
    long[] strides = from.strides();
    for (int i = 0; i < y.length; i++) {
      long at = 0;
      long rest = i;
      for (int axis = 1; axis <= to.rank(); axis++) {
        long index = rest % to.dim(-axis);
        rest /= to.dim(-axis);
        if (axis <= from.rank() && from.dim(-axis) > 1) {
          at += index * strides[from.rank() - axis];
        }
      }
      y[i] = (int) at;
    }
    return y;
  }

  @Test
  void everyPairOfShapesByTheDefinition() {
    Shape to = Shape.of(4, 2, 3, 5);
    for (long[] dims : SHAPES) {
      Shape from = Shape.of(dims);
      assertArrayEquals(expected(from, to), Broadcast.expand(counted(from.intSize()), from, to), from.toString());
    }
  }

  @Test
  void nothingStaysNothing() {
    assertEquals(0, Broadcast.expand(new float[] {1}, Shape.of(1), Shape.of(0)).length);
    assertEquals(0, Broadcast.expand(new float[] {1, 2}, Shape.of(2, 1), Shape.of(2, 0)).length);
    Tensor sum = new OneNode(14, "Add", Tensor.of(Shape.of(0, 3), new float[0]), Tensor.scalar(1f)).result();
    assertEquals(Shape.of(0, 3), sum.shape());
  }

  @Test
  void shapesThatDoNotBroadcastAreNamed() {
    OneNode add = new OneNode(14, "Add", Tensor.of(Shape.of(2), 1f, 2f), Tensor.of(Shape.of(3), 1f, 2f, 3f));
    assertEquals("Add 'out0': inputs of shapes [2] and [3] do not broadcast, expected equal dimensions or 1",
        assertThrows(InvalidInputException.class, add::result).getMessage());
  }

  @Test
  void typesThatDifferAreNamed() {
    OneNode add = new OneNode(14, "Add", Tensor.scalar(1f), Tensor.scalar(1L));
    assertEquals("Add 'out0': inputs are of types float and int64, expected one type",
        assertThrows(InvalidInputException.class, add::result).getMessage());
  }

  @Test
  void anyComponentTypeIsExpanded() {
    byte[][] words = {{1}, {2}};
    assertEquals(List.of(words[0], words[0], words[1], words[1]),
        List.of(Broadcast.expand(words, Shape.of(2, 1), Shape.of(2, 2))));
  }
}
