package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** What products of 8-bit integers know of both sides and of the output, as the struct {@code Sides} of {@code integer.cu} says it. */
final class IntegerSides {
  private static final int UNSIGNED = 128;

  private IntegerSides() {}

  /** Whether a value may be of 8-bit integers. */
  static boolean isByte(Value value) {
    TensorType type = value == null ? null : value.tensorType();
    return value != null && (type == null || type.dtype() == null || type.dtype() == DType.INT8
        || type.dtype() == DType.UINT8);
  }

  /** Whether a zero point is missing or may be of 8-bit integers. */
  static boolean isZero(Value value) {
    return value == null || isByte(value);
  }

  static boolean isFloat(Node node, int... inputs) {
    for (int input : inputs) {
      if (!Typed.mayBe(node.input(input), DType.FLOAT)) return false;
    }
    return true;
  }

  /** What becomes of sums of products: by {@code Kind} in {@code integer.cu}. */
  enum Kind {
    SUMS,
    QUANTIZED,
    NUMBERS
  }

  /**
   * The struct {@code Ending} of {@code integer.cu}.
   *
   * @param flip what turns bytes of the output into signed ones
   * @param biasDown how far biases of neighbouring rows lie apart
   * @param biasAlong and those of columns
   */
  static int[] ending(Kind kind, boolean relu, int flip, float alpha, float beta, int biasDown, int biasAlong) {
    return new int[] {kind.ordinal(), relu ? 1 : 0, flip, Float.floatToRawIntBits(alpha),
        Float.floatToRawIntBits(beta), biasDown, biasAlong};
  }

  /** What turns bytes of a value into signed ones. */
  static int flip(Value value) {
    return value.tensorType().dtype() == DType.UINT8 ? UNSIGNED : 0;
  }

  /**
   * How far neighbours of a zero point or scale lie apart: 0 for a single one or none.
   *
   * @param size how many there are otherwise
   * @throws RefusedException where it has another form
   */
  static int step(Value value, int size) {
    if (value == null) return 0;
    Shape shape = Typed.shape(value);
    if (shape.size() == 1) return 0;
    if (shape.rank() == 1 && shape.size() == size) return 1;
    throw new RefusedException("found '" + value.name() + "' of shape " + shape + ", expected one number or " + size);
  }

  /** @throws RefusedException where it is not a single number, or missing */
  static void requireSingle(Value value) {
    if (value != null && Typed.shape(value).size() != 1) {
      throw new RefusedException(
          "found '" + value.name() + "' of shape " + Typed.shape(value) + ", expected one number");
    }
  }
}
