package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.measure.Server.Trial;
import dev.dwindle.measure.ServerComparison.Plan;
import dev.dwindle.measure.ServerComparison.Served;
import dev.dwindle.pass.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class ServerTest {
  private static final Plan PLAN = new Plan(99, 15, 10, 1000, 1, 1);

  private final FakeClock clock = new FakeClock();

  private Team team(LongSupplier nanos) {
    return new Team(List.of(clock.bound(nanos)));
  }

  private List<Served> measure(Plan plan, Team... teams) {
    return ServerComparison.measure(clock, plan, List.of(teams), Progress.SILENT);
  }

  /** Every request is timed from its arrival: behind one that took a second, those that arrived meanwhile are late too. */
  @Test
  void requestsThatWaitAreSlow() {
    int[] run = {0};
    try (Team team = team(() -> run[0]++ == 10 ? 1_000_000_000 : 1_000)) {
      Trial trial = new Server(clock, team, 15).serve(100, 200, 3, 200);
      assertEquals(200, trial.millis().length);
      assertTrue(trial.slower() > 70 && trial.slower() < 130, "slower " + trial.slower());
    }
  }

  /** A queue with one server and a fixed time of service: the mean wait is rho / (1 - rho) / 2 times that (Pollaczek and Khinchine). */
  @Test
  void theWaitIsThatOfTheQueue() {
    try (Team team = team(() -> 1_000_000)) {
      Trial trial = new Server(clock, team, 1e9).serve(500, 200_000, 5, 0);
      assertEquals(1.5, Arrays.stream(trial.millis()).average().orElseThrow(), 0.02);
    }
  }

  @Test
  void aTrialEndsOnceMoreAreSlowThanMayBe() {
    try (Team team = team(() -> 20_000_000)) {
      Trial trial = new Server(clock, team, 15).serve(10, 1_000, 3, 4);
      assertFalse(trial.whole());
      assertEquals(5, trial.millis().length);
    }
  }

  /** With 1 ms of service and a bound of 15 ms, a queue of that kind keeps P99 at up to some 87 % of its capacity. */
  @Test
  void theHighestRateIsFoundAndMeasuredAgain() {
    try (Team team = team(() -> 1_000_000)) {
      Served served = measure(PLAN, team).getFirst();
      assertEquals(1000, served.rate().capacity(), 1e-6);
      assertTrue(served.rate().rate() > 800 && served.rate().rate() < 950, served.rate().toString());
      assertTrue(served.rate().failed() > served.rate().rate());
      assertTrue(served.rate().slower() <= Binomial.allowed(99, served.rate().requests()));
      assertTrue(served.tail().atMost() <= 15);
      assertEquals("", served.rate().remark());
    }
  }

  @Test
  void theFasterModelTakesMoreAndBothGetTheSameArrivals() {
    try (Team slow = team(() -> 2_000_000); Team fast = team(() -> 1_000_000)) {
      List<Served> both = measure(PLAN, slow, fast);
      assertTrue(both.get(1).rate().rate() > 1.8 * both.get(0).rate().rate());
    }
  }

  @Test
  void aBoundThatNothingKeepsHasNoRate() {
    try (Team team = team(() -> 20_000_000)) {
      Served served = measure(PLAN, team).getFirst();
      assertEquals(0, served.rate().rate());
      assertEquals("no rate kept P99 within 15 ms", served.rate().remark());
    }
  }

  @Test
  void tooLittleTimeForThePercentileIsSaid() {
    try (Team team = team(() -> 100_000_000)) {
      Served served = measure(new Plan(99, 500, 1, 20, 1, 1), team).getFirst();
      assertEquals(
          "P99 takes at least 459 requests, which last 46 s at most 10.00 a second, more than the 20 s allowed",
          served.rate().remark());
    }
  }
}
