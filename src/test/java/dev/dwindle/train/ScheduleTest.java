package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.tensor.InvalidInputException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static void assertRates(Schedule schedule, double... expected) {
    double[] rates = LongStream.rangeClosed(1, expected.length).mapToDouble(schedule::rate).toArray();
    assertArrayEquals(expected, rates, 1e-12, schedule.toString());
  }

  @Test
  void aConstantStays() {
    assertRates(new Schedule.Constant(0.1), 0.1, 0.1, 0.1);
  }

  @Test
  void aCosineRisesFallsAndStays() {
    double root = Math.sqrt(0.5);
    assertRates(new Schedule.Cosine(8, 4, 8, 0), 2, 4, 6, 8, 4 * (1 + root), 4, 4 * (1 - root), 0, 0, 0);
    assertRates(new Schedule.Cosine(8, 0, 2, 0.25), 5, 2, 2);
    assertRates(new Schedule.Cosine(1, 1, 2, 1), 1, 1, 1);
  }

  @Test
  void stairsFall() {
    assertRates(new Schedule.Stairs(1, 2, 0.1), 1, 1, 0.1, 0.1, 0.01, 0.01);
    assertRates(new Schedule.Stairs(1, 1, 0.5), 1, 0.5, 0.25);
  }

  @Test
  void whatIsNoScheduleIsSaid() {
    for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      String message = "learning rate: is " + rate + ", expected a number above 0";
      assertRefused(message, () -> new Schedule.Constant(rate));
      assertRefused(message, () -> new Schedule.Cosine(rate, 0, 1, 0));
      assertRefused(message, () -> new Schedule.Stairs(rate, 1, 1));
    }
    assertRefused("learning rate: warms up for 5 of 5 steps, expected at least 0 and fewer than all",
        () -> new Schedule.Cosine(1, 5, 5, 0));
    assertRefused("learning rate: warms up for -1 of 5 steps, expected at least 0 and fewer than all",
        () -> new Schedule.Cosine(1, -1, 5, 0));
    assertRefused("learning rate: ends at 1.5 of its peak, expected a share from 0 to 1",
        () -> new Schedule.Cosine(1, 0, 5, 1.5));
    assertRefused("learning rate: falls every 0 steps, expected 1 at least", () -> new Schedule.Stairs(1, 0, 0.1));
    assertRefused("learning rate: falls by factor 2.0, expected above 0 and at most 1",
        () -> new Schedule.Stairs(1, 1, 2));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Constant(1).rate(0));
  }

  private static void assertRefused(String message, Runnable made) {
    assertEquals(message, assertThrows(InvalidInputException.class, made::run).getMessage());
  }
}
