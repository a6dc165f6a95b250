package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ReshapingTest {
  private static Tensor integers(long... values) {
    return Tensor.of(Shape.of(values.length), values);
  }

  private static Tensor numbers(long... dims) {
    return Tensor.of(Shape.of(dims), new float[Shape.of(dims).intSize()]);
  }

  private static Shape reshaped(Tensor input, long... target) {
    return new OneNode(21, "Reshape", input, integers(target)).result().shape();
  }

  @Test
  void reshapeCopiesZerosAndFillsOneOpenDimension() {
    assertEquals(Shape.of(2, 12), reshaped(numbers(2, 3, 4), 0, -1));
    assertEquals(Shape.of(4, 3, 2), reshaped(numbers(2, 3, 4), -1, 0, 2));
    assertEquals(Shape.of(1), reshaped(numbers(), -1));
    assertEquals(Shape.SCALAR, reshaped(numbers(1, 1)));
    assertEquals(Shape.of(0, 3), reshaped(numbers(3, 0), -1, 3));
    Tensor allowed = new OneNode(21, "Reshape", numbers(0, 3), integers(3, 0)).with(Attribute.of("allowzero", 1))
        .result();
    assertEquals(Shape.of(3, 0), allowed.shape());
  }

  @Test
  void reshapeRefusesWhatDoesNotFit() {
    Tensor x = numbers(2, 3);
    assertThrows(InvalidInputException.class, () -> reshaped(x, -1, -1));
    assertThrows(InvalidInputException.class, () -> reshaped(x, 4, -1));
    assertThrows(InvalidInputException.class, () -> reshaped(x, 7));
    assertThrows(InvalidInputException.class, () -> reshaped(x, 2, 3, 0));
  }

  @Test
  void flattenSplitsBeforeAnAxis() {
    assertEquals(Shape.of(6, 4), new OneNode(13, "Flatten", numbers(2, 3, 4)).with(Attribute.of("axis", -1)).result()
        .shape());
    assertEquals(Shape.of(24, 1), new OneNode(13, "Flatten", numbers(2, 3, 4)).with(Attribute.of("axis", 3)).result()
        .shape());
    assertEquals(Shape.of(1, 1), new OneNode(13, "Flatten", numbers()).with(Attribute.of("axis", 0)).result().shape());
    assertEquals(Shape.of(2, 0), new OneNode(13, "Flatten", numbers(2, 0)).result().shape());
  }

  @Test
  void axesComeFromAttributesAndFromInputs() {
    Tensor x = numbers(1, 3, 1);
    assertEquals(Shape.of(3, 1), new OneNode(11, "Squeeze", x).with(Attribute.of("axes", new long[] {0})).result()
        .shape());
    assertEquals(Shape.of(1, 3), new OneNode(13, "Squeeze", x, integers(-1)).result().shape());
    assertEquals(Shape.of(3), new OneNode(13, "Squeeze", x).result().shape());
    assertEquals(Shape.of(1, 1, 3, 1, 1), new OneNode(13, "Unsqueeze", x, integers(-1, 0)).result().shape());
    InvalidInputException tooLarge = assertThrows(InvalidInputException.class,
        () -> new OneNode(13, "Squeeze", x, integers(1)).result());
    assertTrue(tooLarge.getMessage().endsWith("axis 1 of [1, 3, 1] is squeezed, expected dimension 1"),
        tooLarge.getMessage());
    assertThrows(InvalidInputException.class, () -> new OneNode(13, "Unsqueeze", x, integers(1, 1)).result());
  }

  @Test
  void shapeReadsAPartOfTheDimensions() {
    Tensor part = new OneNode(15, "Shape", numbers(2, 3, 4)).with(Attribute.of("start", -2))
        .with(Attribute.of("end", 9))
        .result();
    assertArrayEquals(new long[] {3, 4}, part.longs());
    Tensor none = new OneNode(15, "Shape", numbers(2, 3)).with(Attribute.of("start", 2)).with(Attribute.of("end", 1))
        .result();
    assertEquals(Shape.of(0), none.shape());
    assertEquals(0, new OneNode(15, "Size", numbers(2, 0)).result().longs()[0]);
  }
}
