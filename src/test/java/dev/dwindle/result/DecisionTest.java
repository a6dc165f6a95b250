package dev.dwindle.result;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTest {
  /** As reports tell them, those of earlier versions too, which a replay reads. */
  @ParameterizedTest
  @CsvSource({"max-drop 1pt, conv1, true", "max-drop 1pt, , false", "'max-drop 1pt, by outputs', conv1, false",
      "never slower, conv1, false"})
  void whatWasChosenByAccuracyIsKnownByItsRule(String rule, String layer, boolean expected) {
    Decision decision = new Decision(rule, "left alone", layer == null ? List.of() : List.of(layer), "");
    assertEquals(expected, Decision.byAccuracy(List.of(decision)));
  }

  @ParameterizedTest
  @CsvSource({"false, max-drop 1pt", "true, 'max-drop 1pt, by outputs'"})
  void theRuleSaysWhatDecides(boolean outputs, String expected) {
    assertEquals(expected, Decision.keepingAccuracy("1pt", outputs));
  }
}
