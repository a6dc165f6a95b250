package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.prune.Prune;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImportanceTest {
  private static final Prune PRUNE = new Prune();

  private static PassContext context(CpuBackend backend, Samples samples, Map<String, Object> settings) {
    return new PassContext(PRUNE.settings().check("test", settings), TargetProfile.of("cpu"), backend, samples, 1, 0,
        Progress.SILENT);
  }

  private static Sample sample(int seed, long... dims) {
    Shape shape = Shape.of(dims);
    Random random = new Random(seed);
    float[] x = new float[shape.intSize()];
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    return new Sample(Map.of("x", Tensor.of(shape, x)), null, true);
  }

  /** Where each weight moves one output alone, signs do not matter; batches of different sizes are compiled apart. */
  @Test
  void isExactForOneLayer() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        g (float[N,3] x) => (float[N,2] y) <float[3,2] w = {1, -2, 3, 0.5, -1, 4}> { y = MatMul(x, w) }""");
    List<Sample> samples = List.of(sample(1, 1, 3), sample(2, 1, 3), sample(3, 1, 3));
    try (CpuBackend backend = new CpuBackend()) {
      float[] found = Importance.of(model, List.of("w"), context(backend, Samples.of(samples), Map.of())).get("w");
      float[] w = model.graph().value("w").tensor().floats();
      for (int k = 0; k < 3; k++) {
        for (int j = 0; j < 2; j++) {
          double expected = 0;
          for (Sample each : samples) expected += Math.pow(each.inputs().get("x").floats()[k] * w[k * 2 + j], 2);
          assertEquals(expected, found[k * 2 + j], 1e-5 * expected);
        }
      }
      List<Sample> other = List.of(sample(1, 1, 3), sample(2, 4, 3), sample(3, 1, 3));
      assertTrue(Importance.of(model, List.of("w"), context(backend, Samples.of(other), Map.of())).get("w")[0] > 0);
    }
  }

  /** The mean of many random signs comes near the sum over outputs, here by differences. */
  @Test
  void signsEstimateTheSumOverOutputs() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        g (float[1,2,5,5] x) => (float[1,4] y)
        <float[3,2,3,3] c = random(1), float[27,4] w = random(2)>
        { h = Conv(x, c)  t = Tanh(h)  f = Flatten(t)  y = MatMul(f, w) }""");
    Sample sample = sample(5, 1, 2, 5, 5);
    int times = 3000;
    try (CpuBackend backend = new CpuBackend()) {
      float[] found = Importance.of(model, List.of("c"),
          context(backend, Samples.of(Collections.nCopies(times, sample)), Map.of())).get("c");
      for (int i = 0; i < found.length; i++) {
        double expected = moved(model, sample, i);
        assertEquals(expected, found[i] / times, 0.15 * expected + 1e-6, "weight " + i);
      }
    }
  }

  /** The sum over outputs of the squared derivative times the weight. */
  private static double moved(Model model, Sample sample, int i) {
    Value c = model.graph().value("c");
    Tensor before = c.tensor();
    double[][] ends = new double[2][];
    float step = 1e-2f;
    for (int side = 0; side < 2; side++) {
      float[] changed = before.floats();
      changed[i] += side == 0 ? -step : step;
      model.graph().setConstant(c, Constant.of(Tensor.of(before.shape(), changed)));
      float[] y = Interpreter.run(model.graph(), sample.inputs()).getFirst().floats();
      ends[side] = IntStream.range(0, y.length).mapToDouble(k -> y[k]).toArray();
    }
    model.graph().setConstant(c, Constant.of(before));
    double sum = 0;
    for (int k = 0; k < ends[0].length; k++) {
      sum += Math.pow((ends[1][k] - ends[0][k]) / (2 * step) * before.floats()[i], 2);
    }
    return sum;
  }

  /** An input that is always zero makes large weights worthless; what N:M keeps follows, too. */
  @Test
  void pruningTakesWhatMovesNothing() {
    String net = """
        <ir_version: 8, opset_import: ["": 17]>
        g (float[1,4] x) => (float[1,2] y) <float[4,2] w = {9, 9, 1, 1, 9, 9, 1, 1}> { y = MatMul(x, w) }""";
    Sample sample = new Sample(Map.of("x", Tensor.of(Shape.of(1, 4), new float[] {0, 1, 0, 2})), null, true);
    for (Map<String, Object> settings : List.<Map<String, Object>>of(Map.of("by", "taylor", "sparsity", 0.5),
        Map.of("by", "taylor", "pattern", "2:4"))) {
      Model model = GraphText.parse(net);
      try (CpuBackend backend = new CpuBackend()) {
        PRUNE.apply(model.graph(), context(backend, Samples.of(List.of(sample)), settings));
      }
      assertEquals(List.of(0f, 0f, 1f, 1f, 0f, 0f, 1f, 1f),
          IntStream.range(0, 8).mapToObj(i -> model.graph().value("w").tensor().floats()[i]).toList());
    }
  }

  /** A weight that is read with constants alone has a gradient like any other, and a head without a FLOAT output none. */
  @Test
  void seesWeightsBehindConstantsAndNoneOfOtherHeads() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 17]>
        g (float[1,4] x) => (float[1,4] y, int64[1] z)
        <float[1,3] places = {1, 2, 3}, float[3,4] r = random(1), float[4,2] head = random(2)>
        { p = MatMul(places, r)  y = Mul(x, p)  h = MatMul(x, head)  z = ArgMax<axis = 1, keepdims = 0>(h) }""");
    try (CpuBackend backend = new CpuBackend()) {
      PassContext context = context(backend, Samples.of(List.of(sample(1, 1, 4))),
          Map.of("by", "taylor", "sparsity", 0.5));
      Map<String, float[]> found = Importance.of(model, List.of("r", "head"), context);
      assertEquals(java.util.Set.of("r"), found.keySet());
      for (float each : found.get("r")) assertTrue(each > 0);
      float[] head = model.graph().value("head").tensor().floats();
      Map<String, String> skipped = PRUNE.apply(model.graph(), context).skipped();
      assertTrue(skipped.containsValue("no float output depends on its weights"), skipped::toString);
      org.junit.jupiter.api.Assertions.assertArrayEquals(head, model.graph().value("head").tensor().floats());
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    try (CpuBackend backend = new CpuBackend()) {
      Model model = GraphText.parse(
          """
              <ir_version: 8, opset_import: ["": 17]>
              g (float[1,4] x) => (int64[1] y) <float[4,2] w = random(1)> { p = MatMul(x, w)  y = ArgMax<axis = 1, keepdims = 0>(p) }""");
      String message = assertThrows(InvalidInputException.class, () -> PRUNE.apply(model.graph(),
          context(backend, Samples.of(List.of(sample(1, 1, 4))), Map.of("by", "taylor")))).getMessage();
      assertTrue(message.contains("no output is float") && message.contains("by magnitude"), message);
      assertEquals(
          "prune: found no calibration samples, expected some to see how far outputs move without each weight; or by magnitude",
          assertThrows(InvalidInputException.class,
              () -> PRUNE.apply(model.graph(), context(backend, Samples.none(), Map.of("by", "taylor")))).getMessage());
    }
  }
}
