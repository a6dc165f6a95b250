package dev.dwindle.report.html;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SvgTest {
  @Test
  void numbersHaveAtMostTwoDecimalsAndNoMoreThanNeeded() {
    double[] values = {0, 12, -3, 0.5, 0.05, 1.005, -0.254, -0.001, 1234.999};
    List<String> texts = List.of("0", "12", "-3", "0.5", "0.05", "1", "-0.25", "0", "1235");
    for (int i = 0; i < values.length; i++) assertEquals(texts.get(i), Svg.number(values[i]));
  }

  @Test
  void stepsAreClosedAlongTheBottom() {
    assertEquals("M0 10v-4h2h2v4h2V10z", Svg.steps(new double[] {4, 4, 0}, 0, 10, 2));
  }

  @Test
  void ticksAreRoundNumbersOnTheAxis() {
    assertEquals(List.of(0.0, 20.0, 40.0), new Axis(-3, 41, 0, 100).ticks(3));
    assertEquals(1, new Axis(0.11, 0.49, 0, 100).decimals(4));
    assertEquals(25, new Axis(0, 4, 0, 100).at(1));
    assertEquals(100, new Axis(0, 4, 0, 100).at(9));
  }

  @Test
  void theShareOfRunsLiesBetweenQuantilesByProportion() {
    List<Double> quantiles = List.of(1.0, 2.0, 2.0, 4.0, 5.0);
    assertEquals(0, LatencyChart.share(quantiles, 0.5));
    assertEquals(0.125, LatencyChart.share(quantiles, 1.5));
    assertEquals(0.5, LatencyChart.share(quantiles, 2));
    assertEquals(1, LatencyChart.share(quantiles, 9));
  }
}
