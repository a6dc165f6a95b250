package dev.dwindle.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Gate;
import dev.dwindle.result.Gate.Outcome;
import dev.dwindle.result.Latency;
import dev.dwindle.result.ModelFile;
import dev.dwindle.result.PackedModel;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatesTest {
  private static final ModelFile BIG = new ModelFile("a", 1000, 900, "", 8, 13);
  private static final ModelFile SMALL = new ModelFile("b", 301, 250, "", 8, 13);

  private static Accuracy accuracy(double before, double change, double low, double high) {
    return new Accuracy(
        "top-1", "%", true, 1, 1000, new Estimate(before, before - 1, before + 1, .95),
        new Estimate(before + change, 0, 100, .95),
        new Estimate(change, low, high, .95));
  }

  private static Gate drop(String limit, boolean byInterval, Accuracy accuracy) {
    return new Gates(Limit.parse("--max-drop", limit, Gates.DROP_UNITS), null, null, byInterval)
        .judge(BIG, SMALL, accuracy, null).getFirst();
  }

  @Test
  void thePointEstimateDecides() {
    assertEquals(Outcome.PASSED, drop("0.5pt", false, accuracy(90, -0.5, -1, 0)).outcome());
    assertEquals(Outcome.FAILED, drop("0.5pt", false, accuracy(90, -0.6, -1.1, -0.1)).outcome());
    assertEquals(Outcome.PASSED, drop("0.5pt", false, accuracy(90, 0.7, 0.1, 1.3)).outcome());
  }

  /** An interval of 0.784 points to either side is a standard error of 0.4. */
  @Test
  void oneOfManyTriesKeepsAStandardErrorFromTheBound() {
    Accuracy sure = accuracy(90, -0.5, -0.696, -0.304);
    Accuracy unsure = accuracy(90, -0.5, -2.5, 1.5);
    Gates gates = Gates.NONE.withMaxDrop("1pt");
    assertEquals(0.9, gates.cautious(sure).maxDrop().number(), 1e-9);
    assertEquals(0.5, gates.cautious(unsure).maxDrop().number(), 1e-9, "at most by half");
    assertEquals(0.9, Gates.NONE.withMaxDrop("1%").cautious(accuracy(90, -0.5, -0.6764, -0.3236)).maxDrop().number(),
        1e-9);
    assertEquals(0, Gates.NONE.withMaxDrop("0pt").cautious(accuracy(90, 0, 0, 0)).maxDrop().number());
    Gates byInterval = new Gates(Limit.parse("--max-drop", "1pt", Gates.DROP_UNITS), null, null, true);
    assertEquals(1, byInterval.cautious(unsure).maxDrop().number(), "the interval keeps it already");
  }

  @Test
  void ofALossThatCannotBeToldFromTheBoundAPartIsBearable() {
    Gates gates = Gates.NONE.withMaxDrop("1pt");
    assertEquals(0.5, gates.bearable(accuracy(90, -2, -4.5, 0.5), 1), 1e-9);
    assertEquals(2, gates.bearable(accuracy(90, -0.5, -2.5, 1.5), 1), 1e-9);
    assertEquals(Double.POSITIVE_INFINITY, gates.bearable(accuracy(90, 0.5, -2.5, 3.5), 1));
    assertEquals(Double.POSITIVE_INFINITY, gates.bearable(accuracy(90, -2, -2.5, -1.5), 1),
        "shown to be beyond the bound");
    assertEquals(0.5, Gates.NONE.withMaxDrop("1%").bearable(accuracy(90, -1.8, -4.5, 0.5), 1), 1e-9);
    assertEquals(Double.POSITIVE_INFINITY, Gates.NONE.withMaxDrop("0pt").bearable(accuracy(90, -2, -4.5, 0.5), 1),
        "no part of it");
    Gates byInterval = new Gates(Limit.parse("--max-drop", "1pt", Gates.DROP_UNITS), null, null, true);
    double root = Math.sqrt(byInterval.bearable(accuracy(90, -2, -4, 0.5), 0.5));
    assertEquals(0.5, 2 * root * root + 2 * root, 1e-9,
        "the loss goes with the square, the rest of its interval with the root");
    root = Math.sqrt(byInterval.bearable(accuracy(90, 0.5, -4, 1.5), 1));
    assertEquals(1, 4 * root, 1e-9, "a gain is not counted on");
    assertEquals(0.25, gates.bearable(accuracy(90, -2, -4.5, 0.5), 0.5), 1e-9);
  }

  @Test
  void aPointOfAScoreThatEndsAtOneIsAHundredth() {
    Estimate change = new Estimate(-0.012, -0.02, 0.001, .95);
    Accuracy score = new Accuracy("spearman", "", true, 0.01, 1000, new Estimate(0.87, 0.8, 0.9, .95),
        new Estimate(0.858, 0.8, 0.9, .95), change);
    Gate gate = drop("1pt", false, score);
    assertEquals(Outcome.FAILED, gate.outcome());
    assertEquals("1.20pt (95 % interval -0.10 to 2.00pt)", gate.found());
    assertEquals(Outcome.PASSED, drop("1.3pt", false, score).outcome());
    assertEquals(Outcome.PASSED, drop("1.4%", false, score).outcome());
  }

  @Test
  void noSlowerIsHeldAgainstThePairedTimes() {
    assertEquals(Outcome.PASSED, time(1.0, 0.99, 1.01, false).outcome());
    assertEquals(Outcome.FAILED, time(0.97, 0.96, 0.979, false).outcome());
    assertEquals(Outcome.UNDECIDED, time(1.0, 0.97, 1.03, true).outcome());
    assertEquals("1.04 of the original's time (95 % interval 1.03 to 1.05)", time(0.96, 0.95, 0.97, false).found());
    assertEquals(List.of(), Gates.NONE.withNoSlower().judge(BIG, SMALL, null, null), "nothing was timed");
  }

  private static Gate time(double speedup, double low, double high, boolean byInterval) {
    Latency latency = new Latency("onnxruntime:CPU", "f32", "x [1]", 1, null, null,
        new Estimate(speedup, low, high, .95), List.of());
    return new Gates(null, null, null, byInterval).withNoSlower().judge(BIG, SMALL, null, latency).getFirst();
  }

  @Test
  void percentIsRelative() {
    assertEquals(Outcome.PASSED, drop("1%", false, accuracy(50, -0.5, -1, 0)).outcome());
    assertEquals(Outcome.FAILED, drop("1%", false, accuracy(50, -0.51, -1, 0)).outcome());
  }

  @Test
  void withConfidenceTheIntervalDecidesAndSaysHowManySamplesWould() {
    Gate open = drop("0.5pt", true, accuracy(90, -0.1, -0.9, 0.7));
    assertEquals(Outcome.UNDECIDED, open.outcome());
    assertTrue(open.remark().contains("4,000 samples"), open.remark());
    assertEquals(Outcome.PASSED, drop("0.5pt", true, accuracy(90, -0.1, -0.4, 0.2)).outcome());
    assertEquals(Outcome.FAILED, drop("0.5pt", true, accuracy(90, -1, -1.4, -0.6)).outcome());
  }

  @Test
  void aBreachNeverPrintsAsEqual() {
    Gate gate = drop("0.5pt", false, accuracy(90, -0.5001, -1, 0));
    assertEquals(Outcome.FAILED, gate.outcome());
    assertTrue(gate.found().startsWith("0.5001"), gate.found());
  }

  @Test
  void sizesTakeUnitsAndShares() {
    assertEquals(Outcome.PASSED, size("301B"));
    assertEquals(Outcome.FAILED, size("0.3kB"));
    assertEquals(Outcome.PASSED, size("31%"));
    assertEquals(Outcome.FAILED, size("30%"));
  }

  @Test
  void aShareThatIsBreachedByLittleIsPrintedWithTheDigitsThatShowIt() {
    ModelFile big = new ModelFile("a", 100_000, 90_000, "", 8, 13);
    ModelFile small = new ModelFile("b", 30_040, 25_000, "", 8, 13);
    Gate gate = Gates.NONE.withMaxSize("30%").judge(big, small, null, null).getFirst();
    assertEquals(Outcome.FAILED, gate.outcome());
    assertEquals("30,040 B (30.04 % of the original)", gate.found());
  }

  @Test
  void packedFilesTakeAShare() {
    assertEquals(new Gate("packed-size", Outcome.PASSED, "70 B (7.00 % of the original)", "7%", ""), packed(70, "7%"));
    assertEquals(new Gate("packed-size", Outcome.FAILED, "71 B (7.10 % of the original)", "7%", ""), packed(71, "7%"));
    assertEquals(Outcome.PASSED, packed(290, "29%").outcome());
    assertEquals(new Gate("packed-size", Outcome.FAILED, "13 B (1.30 % of the original)", "1.2999%", ""),
        packed(13, "1.2999%"));
  }

  private static Gate packed(long bytes, String limit) {
    return Gates.packed(BIG, new PackedModel("b.dwz", "small", bytes), Limit.parse("budget", limit, List.of("%")));
  }

  private static Outcome size(String limit) {
    return new Gates(null, Limit.parse("--max-size", limit, Gates.SIZE_UNITS), null, false)
        .judge(BIG, SMALL, null, null).getFirst().outcome();
  }

  @Test
  void whatWasNotMeasuredIsUndecided() {
    Gate drop = drop("0.5pt", false, null);
    assertEquals(Outcome.UNDECIDED, drop.outcome());
    assertEquals("needs a metric with labels, such as top-1", drop.remark());
    Gate latency = new Gates(null, null, Limit.parse("--max-latency", "5ms", Gates.LATENCY_UNITS), false)
        .judge(BIG, SMALL, null, null).getFirst();
    assertEquals(Outcome.UNDECIDED, latency.outcome());
    assertEquals("needs a latency run", latency.remark());
  }

  @Test
  void aLimitWithoutItsUnitIsRefused() {
    for (String bad : List.of("0.5", "pt", "-1pt", "0.5 points", "1e3pt", "NaNpt")) {
      var e = assertThrows(InvalidInputException.class, () -> Limit.parse("--max-drop", bad, Gates.DROP_UNITS));
      assertTrue(
          e.getMessage().startsWith("--max-drop: found '" + bad + "', expected a number with a unit such as 1pt, 1%"),
          e.getMessage());
    }
  }
}
