package dev.dwindle.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.InvalidInputException;
import org.junit.jupiter.api.Test;

class DimTest {
  private static final Dim W = Dim.symbol("w");

  @Test
  void putsSumsInBracketsBesideASlash() {
    assertEquals("floor((w-2)/2)", W.minus(Dim.of(2)).floorDiv(Dim.of(2)).toString());
    assertEquals("floor(w/(h+1))", W.floorDiv(Dim.symbol("h").plus(Dim.of(1))).toString());
    assertEquals("floor(3*w/2)", W.times(Dim.of(3)).floorDiv(Dim.of(2)).toString());
  }

  @Test
  void refusesProductsBeyondItsRange() {
    assertThrows(InvalidInputException.class, () -> Dim.of(1L << 40).times(Dim.of(1L << 40)));
    assertEquals(-6, Dim.of(-2).times(Dim.of(3)).size());
  }
}
