package dev.dwindle.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteConstantsTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 4095, 4096, 4097, 10_000})
  void everyPlaceCounts(int length) {
    float[] values = new float[length];
    long expected = 0;
    for (int i = 0; i < length; i += 1 + i / 3) {
      values[i] = switch (i % 3) {
        case 0 -> Float.NaN;
        case 1 -> Float.POSITIVE_INFINITY;
        default -> Float.NEGATIVE_INFINITY;
      };
      expected++;
    }
    assertEquals(expected, FiniteConstants.countOthers(Tensor.of(Shape.of(length), values)));
  }

  @Test
  void theEndsOfWhatIsFiniteDoNot() {
    assertEquals(0, FiniteConstants.countOthers(Tensor.of(Shape.of(6), 0f, -0f, Float.MAX_VALUE, -Float.MAX_VALUE,
        Float.MIN_VALUE, -Float.MIN_NORMAL)));
    float quiet = Float.intBitsToFloat(0xffc0_0001);
    assertEquals(2, FiniteConstants.countOthers(Tensor.of(Shape.of(2), quiet, Float.intBitsToFloat(0x7f80_0001))));
  }
}
