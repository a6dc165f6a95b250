package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  private static final String NET = "net (float[N] x) => (y) { h = Neg(x)\n y = Abs(h) }";

  private static Calibration of(Model model, Samples samples) {
    return new Calibration(model.graph(),
        new PassContext(null, TargetProfile.of("cpu"), new CpuBackend(), samples, 1, 0, Progress.SILENT));
  }

  private static Sample sample(float... values) {
    return new Sample(Map.of("x", Tensor.of(Shape.of(values.length), values)), null, true);
  }

  @Test
  void minMaxSeesEverySampleOfEveryLength() {
    Samples samples = Samples.of(List.of(sample(1, -2), sample(3), sample(0, 0, 0.5f)));
    Model model = GraphText.parse(NET);
    Map<String, Range> ranges = of(model, samples).minMax(List.of("x", "h"));
    assertEquals(new Range(-2, 3), ranges.get("x"));
    assertEquals(new Range(-3, 2), ranges.get("h"));
    assertEquals(2, model.graph().nodes().size(), "the model itself is not changed");
  }

  @Test
  void percentileCutsRareEndsOff() {
    List<Sample> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) many.add(sample((i % 100) / 100f));
    many.add(sample(50));
    Map<String, Range> ranges = of(GraphText.parse(NET), Samples.of(many)).percentile(List.of("x"), 99.8);
    assertEquals(0, ranges.get("x").min(), 1e-6);
    assertTrue(ranges.get("x").max() < 1.1, "one outlier of 50 in 1,001 is cut: " + ranges.get("x"));
    assertEquals(new Range(0, 50), of(GraphText.parse(NET), Samples.of(many)).percentile(List.of("x"), 100).get("x"));
  }

  @Test
  void aCarriedStateGoesFromRunToRun() {
    Model model = GraphText.parse("net (float[1] x, float[1] s) => (t) { t = Add(x, s) }");
    List<Sample> steps = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      steps.add(new Sample(Map.of("x", Tensor.of(Shape.of(1), 1f), "s", Tensor.of(Shape.of(1), 0f)), null, i == 0));
    }
    Samples sequence = new Samples() {
      @Override
      public long count() {
        return steps.size();
      }

      @Override
      public Stream<Sample> stream() {
        return steps.stream();
      }

      @Override
      public Map<String, String> carried() {
        return Map.of("t", "s");
      }
    };
    assertEquals(new Range(1, 4), of(model, sequence).minMax(List.of("t")).get("t"));
  }
}
