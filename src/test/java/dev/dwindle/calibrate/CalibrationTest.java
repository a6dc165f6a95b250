package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Bins;
import dev.dwindle.pass.Memory;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
  void aMovingAverageBeginsWithTheFirstSampleAndForgetsSlowly() {
    Samples samples = Samples.of(List.of(sample(0, 1), sample(-4, 5), sample(2, 9)));
    Range range = of(GraphText.parse(NET), samples).movingAverage(List.of("x"), 0.75).get("x");
    double min = 0.75 * (0.75 * 0 + 0.25 * -4) + 0.25 * 2;
    double max = 0.75 * (0.75 * 1 + 0.25 * 5) + 0.25 * 9;
    assertEquals(min, range.min(), 1e-6);
    assertEquals(max, range.max(), 1e-6);
  }

  @Test
  void distributionsCountEveryElementHoweverTheRangeGrows() {
    Random random = new Random(3);
    List<Sample> samples = new ArrayList<>();
    List<Float> all = new ArrayList<>();
    for (float spread : new float[] {0, 1e-3f, 0.4f, 3, 0.1f, 700}) {
      float[] values = new float[101];
      for (int i = 0; i < values.length; i++) values[i] = (float) random.nextGaussian() * spread;
      for (float v : values) all.add(v);
      samples.add(sample(values));
    }
    for (List<Sample> order : List.of(samples, samples.reversed())) {
      Distribution found = of(GraphText.parse(NET), Samples.of(order)).distributions(List.of("x")).get("x");
      Range range = new Range(Collections.min(all), Collections.max(all));
      assertEquals(range, found.range());
      Bins bins = found.bins();
      long[] expected = new long[found.counts().length];
      for (float v : all) {
        int bin = 0;
        while (v >= bins.start(bin + 1)) bin++;
        expected[bin]++;
      }
      assertArrayEquals(expected, found.counts());
      assertTrue(found.highest() - found.lowest() >= found.counts().length / 4, "bins are not wasted: " + bins);
    }
  }

  @Test
  void statisticsAreToldBeforeTheFirstSampleIsRead() {
    List<String> told = new ArrayList<>();
    Samples none = new Samples() {
      @Override
      public long count() {
        return 1;
      }

      @Override
      public Stream<Sample> stream() {
        throw new UnsupportedOperationException(told.getLast());
      }
    };
    Progress progress = new Progress() {
      @Override
      public void begin(String stage, long total) {
        told.add(stage);
      }
    };
    PassContext context = new PassContext(null, TargetProfile.of("cpu"), new CpuBackend(), none, 1, 0, progress);
    Calibration calibration = new Calibration(GraphText.parse(NET).graph(), context);
    assertThrows(UnsupportedOperationException.class, () -> calibration.distributions(List.of("x", "h")));
    assertThrows(UnsupportedOperationException.class, () -> calibration.minMax(List.of("x", "h")));
    assertEquals(List.of("calibrate: histograms of 2 activations, 66 kB of statistics",
        "calibrate: ends of 2 activations, 1 kB of statistics"), told);
  }

  @Test
  void whatIsRememberedIsNotObservedAgain() {
    Model model = GraphText.parse(NET);
    Memory memory = Memory.fresh();
    PassContext context = new PassContext(null, TargetProfile.of("cpu"), new CpuBackend(),
        Samples.of(List.of(sample(1, -2))), 1, 0, Progress.SILENT).withMemory(memory);
    PassContext other = context.withCalibration(Samples.of(List.of(sample(7))));
    Map<String, Range> x = Map.of("x", new Range(-2, 1));
    assertEquals(x, new Calibration(model.graph(), context).minMax(List.of("x")));
    assertEquals(x, new Calibration(model.graph(), other).minMax(List.of("x")), "remembered");
    assertEquals(new Range(7, 7), new Calibration(model.graph(), other).minMax(List.of("x", "h")).get("x"),
        "not all of it was known");
    assertEquals(new Range(7, 7), new Calibration(model.graph(), context).minMax(List.of("x")).get("x"),
        "the larger finding stays");
    assertEquals(new Range(-2, 1), new Calibration(model.graph(), context).movingAverage(List.of("x"), 0.5).get("x"));
    Calibration means = new Calibration(GraphText.parse("net (float[1,2] x) => (y) { y = Neg(x) }").graph(),
        other.withCalibration(
            Samples.of(List.of(new Sample(Map.of("x", Tensor.of(Shape.of(1, 2), 3f, 4f)), null, true)))));
    means.alsoMeans("x");
    assertEquals(new Range(3, 4), means.minMax(List.of("x")).get("x"), "means were not known");
    assertEquals(List.of(3.0, 4.0), Arrays.stream(means.means().get("x")).boxed().toList());
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
