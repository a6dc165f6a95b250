package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators say of calls that cannot be right. */
class RefusalsTest {
  @ParameterizedTest
  @ValueSource(strings = {"RNN", "GRU", "LSTM"})
  void recurrentCellsNameTheInputOfAnotherRank(String operator) {
    Tensor flat = Tensor.of(Shape.of(2), 1f, 2f);
    assertRefused("input 0 has shape [2], expected 3 axes", new OneNode(22, operator, flat, flat, flat));
  }

  @Test
  void resizeNamesTheScaleThatIsTooLarge() {
    Tensor image = Tensor.of(Shape.of(1, 1, 1, 2), 1f, 2f);
    Tensor scales = Tensor.of(Shape.of(4), 1f, 1f, 1f, 1e12f);
    assertRefused("scales or sizes resize axis 3 from 2 to ", new OneNode(19, "Resize", image, null, scales));
  }

  private static void assertRefused(String expected, OneNode node) {
    String message = assertThrows(InvalidInputException.class, node::results).getMessage();
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count());
  }
}
