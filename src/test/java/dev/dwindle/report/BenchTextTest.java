package dev.dwindle.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Step;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.Timing;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchTextTest {
  @Test
  void stepsHaveTheirShareAndASum() {
    Estimate one = new Estimate(1, 1, 1, .95);
    BenchResult result = new BenchResult("cpu", "f32", 1,
        new MachineInfo("a processor", 2, List.of(), 1L << 34, "Linux", "25", 0.1, Map.of()),
        List.of(new BenchResult.Entry("m.onnx", "x [1]", new Timing(50, 20, one, 1.0, null, 1, 0, List.of()), one,
            List.of(new Step(List.of("b"), "Conv", 3), new Step(List.of("a"), "Add", 1)))),
        List.of());
    String text = BenchText.of(result);
    for (String part : List.of("3.0000 ms  75.0 %  Conv", "1.0000 ms  25.0 %  Add", "4.0000 ms 100.0 %  sum of 2 steps",
        "profiling adds overhead")) {
      assertTrue(text.contains(part), part + " is missing in:\n" + text);
    }
  }
}
