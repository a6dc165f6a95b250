package dev.dwindle.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.NodeTime;
import dev.dwindle.result.BenchResult.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepProfileTest {
  private static List<NodeTime> run(long a, long b) {
    return List.of(new NodeTime(List.of("a"), "Add", a), new NodeTime(List.of("b"), "Conv", b));
  }

  @Test
  void aStepsTimeIsTheMedianOfItsRunsAndTheSlowestComesFirst() {
    List<Step> steps = StepProfile.medians(List.of(run(1_000_000, 9_000_000), run(3_000_000, 4_000_000),
        run(80_000_000, 5_000_000), run(2_000_000, 6_000_000)));
    assertEquals(List.of(new Step(List.of("b"), "Conv", 5.5), new Step(List.of("a"), "Add", 2.5)), steps);
  }
}
