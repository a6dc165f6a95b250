package dev.dwindle.pass.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.rewrite.RandomNet;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.Student;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NarrowTest {
  private static final Narrow PASS = new Narrow();

  /** A stem, a residual block, a layer before the end. */
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[1,3,8,8] x) => (float[1,5] y)
      <float[8,3,3,3] s = random(1), float[8] sb = random(2), float[12,8,3,3] a = random(3), float[12] ab = random(4), float[8,12,3,3] b = random(5),
       float[16,8,3,3] c = random(6), float[5,16] g = random(7)>
      {
        [stem] v = Conv<pads = [1,1,1,1]>(x, s, sb)  [begin] r = Relu(v)
        [first] h = Conv<pads = [1,1,1,1]>(r, a, ab)  [middle] q = Relu(h)  [second] t = Conv<pads = [1,1,1,1]>(q, b)  [sum] z = Add(r, t)
        [last] w = Conv(z, c)  [active] u = Relu(w)  [pool] p = GlobalAveragePool(u)  [flat] f = Flatten(p)  [end] y = Gemm<transB = 1>(f, g)
      }
      """;

  private static Samples images(int count, int seed) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      float[] x = new float[3 * 64];
      for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 3, 8, 8), x)), null, true));
    }
    return Samples.of(samples);
  }

  private static PassResult narrow(Model model, Samples samples, Map<String, Object> settings) {
    try (Backend cpu = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of("cpu"), cpu, samples, 1, 0, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  private static PassResult narrow(Model model, Map<String, Object> settings) {
    return narrow(model, images(40, 1), settings);
  }

  /** Squared differences relative to the squares. */
  private static double error(Model original, Model model) {
    double noise = 0;
    double signal = 0;
    for (Sample sample : images(20, 2).stream().toList()) {
      double[] a = Elements.doubles(Interpreter.run(original.graph(), sample.inputs()).getFirst());
      double[] b = Elements.doubles(Interpreter.run(model.graph(), sample.inputs()).getFirst());
      for (int i = 0; i < a.length; i++) {
        noise += (a[i] - b[i]) * (a[i] - b[i]);
        signal += a[i] * a[i];
      }
    }
    return noise / signal;
  }

  @ParameterizedTest
  @ValueSource(strings = {"multiply_adds", "parameters"})
  void whatIsCountedIsWithinTheBudget(String of) {
    for (double budget : new double[] {0.9, 0.6, 0.3}) {
      Model model = GraphText.parse(NET);
      long before = of.equals("parameters") ? Cost.parameters(model) : Cost.multiplyAdds(model);
      PassResult result = narrow(model, Map.of("budget", budget, "budget_of", of, "widths", 16));
      long after = of.equals("parameters") ? Cost.parameters(model) : Cost.multiplyAdds(model);
      assertTrue(after <= budget * before, after + " of " + before);
      assertTrue(after >= (budget - 0.25) * before, "far less than asked: " + after + " of " + before);
      assertFalse(result.changed().isEmpty());
      assertEquals(Shape.of(1, 5), model.graph().outputs().getFirst().tensorType().shape());
    }
  }

  /** From a cut that goes too far, channels come back until no more fit, and what stays is swapped for what does less harm. */
  @Test
  void aCutIsRefinedByWhatItDoesAsAWhole() {
    Model model = GraphText.parse(NET);
    ChannelPruning pruning = new ChannelPruning(Student.prepared(model), Map.of());
    Price price = Price.counted(pruning.model(), Cost::multiplyAdds);
    Map<Integer, List<Integer>> stairs = new HashMap<>();
    Map<Integer, Integer> least = new HashMap<>();
    for (int group = 0; group < pruning.groups().size(); group++) {
      int size = pruning.groups().get(group).size();
      stairs.put(group, IntStream.iterate(size, width -> width > 1, width -> width - 1).boxed().toList());
      least.put(group, stairs.get(group).getLast());
    }
    double budget = 0.7;
    // Later groups are worth more.
    ToDoubleFunction<Cut> error = cut -> cut.widths().entrySet().stream()
        .mapToDouble(e -> (1 + e.getKey()) * Math.pow(pruning.groups().get(e.getKey()).size() - e.getValue(), 2)).sum();
    Refinement refinement = new Refinement(pruning, stairs, error, price, budget, Progress.SILENT);
    Cut start = new Cut(least, Set.of());
    refinement.from(start, price.of(pruning.without(start)));
    Cut found = refinement.best();
    assertEquals(price.of(pruning.without(found)).value(), refinement.cost().value());
    assertTrue(refinement.cost().value() <= budget);
    assertTrue(error.applyAsDouble(found) < error.applyAsDouble(start));
    found.widths().forEach((group, width) -> {
      Map<Integer, Integer> wider = new HashMap<>(found.widths());
      wider.put(group, width + 1);
      Cut cut = new Cut(wider, Set.of());
      assertTrue(
          price.of(pruning.without(cut)).value() > budget || error.applyAsDouble(cut) >= error.applyAsDouble(found),
          "group " + group + " could be wider");
    });
  }

  @Test
  void layersBehindMakeUpForWhatIsGone() {
    Model original = GraphText.parse(NET);
    Map<String, Double> errors = new HashMap<>();
    for (String by : List.of("magnitude", "reconstruction")) {
      Model model = GraphText.parse(NET);
      narrow(model, Map.of("budget", 0.8, "budget_of", "multiply_adds", "by", by, "blocks", false));
      errors.put(by, error(original, model));
    }
    assertTrue(errors.get("reconstruction") < 0.5 * errors.get("magnitude"), errors.toString());
  }

  /** Channels that are sums of others go first, and leave nothing behind. */
  @Test
  void channelsThatOthersCanStandForGo() {
    Model model = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 13]>
        net (float[1,3,8,8] x) => (float[1,5,8,8] y)
        <float[6,3,1,1] a = random(1), float[5,6,3,3] b = random(2)>
        { h = Conv(x, a)  y = Conv<pads = [1,1,1,1]>(h, b) }
        """);
    Value a = model.graph().value("a");
    float[] weights = a.tensor().floats();
    // The last three channels are the first three in another order, twice as large.
    for (int c = 3; c < 6; c++) {
      for (int i = 0; i < 3; i++) weights[c * 3 + i] = 2 * weights[(5 - c) * 3 + i];
    }
    model.graph().setConstant(a, Constant.of(Tensor.of(a.tensor().shape(), weights)));
    Model original = model.copy();
    narrow(model, Map.of("budget", 0.5, "budget_of", "multiply_adds", "widths", 6));
    assertEquals(3, model.graph().value("a").tensor().shape().dim(0));
    assertTrue(error(original, model) < 1e-3, "error " + error(original, model));
  }

  /** The second half of the block is nearly nothing: without the block the outputs are nearly the same. */
  @Test
  void aBlockThatDoesLittleGoes() {
    Model model = GraphText.parse(NET);
    Value b = model.graph().value("b");
    float[] weights = b.tensor().floats();
    for (int i = 0; i < weights.length; i++) weights[i] *= 1e-3f;
    model.graph().setConstant(b, Constant.of(Tensor.of(b.tensor().shape(), weights)));
    Model original = model.copy();
    PassResult result = narrow(model, Map.of("budget", 0.36, "budget_of", "multiply_adds"));
    assertEquals("1 of 1 are gone: Add 'sum'", result.figures().get("blocks"));
    assertTrue(error(original, model) < 1e-2);
    assertEquals("gone with its block", result.changed().get("Conv 'first'"));

    Model kept = original.copy();
    PassResult without = narrow(kept, Map.of("budget", 0.8, "budget_of", "multiply_adds", "blocks", false));
    assertFalse(without.figures().containsKey("blocks"));
    assertTrue(kept.graph().nodes().stream().anyMatch(node -> node.name().equals("sum")));
  }

  @Test
  void blocksAloneMayGo() {
    Model model = GraphText.parse(NET);
    PassResult result = narrow(model, Map.of("budget", 0.9, "budget_of", "multiply_adds", "blocks", "only"));
    assertEquals("1 of 1 are gone: Add 'sum'", result.figures().get("blocks"));
    assertEquals(Set.of("gone with its block"), Set.copyOf(result.changed().values()));
    assertTrue(result.figures().keySet().stream().noneMatch(figure -> figure.startsWith("cost by channels")));
    InvalidInputException refused = assertThrows(InvalidInputException.class, () -> narrow(GraphText.parse(NET),
        Map.of("budget", 0.05, "budget_of", "multiply_adds", "blocks", "only")));
    assertTrue(refused.getMessage().startsWith("narrow: with all that may go the model costs "), refused.getMessage());
  }

  /** Networks with residuals, concatenations, groups and shuffles become narrower, or are refused in one line; that cuts are right is tested where they are made. */
  @Test
  void networksOfManyShapesBecomeNarrower() {
    int narrower = 0;
    for (int seed = 0; seed < 40; seed++) {
      Model model = RandomNet.of(seed);
      Samples samples = Samples.of(IntStream.range(0, 3).mapToObj(
          i -> new Sample(dev.dwindle.rewrite.Samples.of(model.graph(), i + 1), null, true)).toList());
      Map<String, Object> settings = Map.of("budget", 0.75, "budget_of", "multiply_adds", "widths", 4);
      try {
        narrow(model, samples, settings);
        narrower++;
      } catch (InvalidInputException e) {
        assertTrue(e.getMessage().startsWith("narrow: with all that may go the model costs "), e.getMessage());
        continue;
      }
      for (Sample sample : samples.stream().toList()) {
        for (double y : Elements.doubles(Interpreter.run(model.graph(), sample.inputs()).getFirst())) {
          assertTrue(Double.isFinite(y), "seed " + seed);
        }
      }
    }
    assertTrue(narrower > 20, narrower + " of 40");
  }

  @Test
  void layersKeepTheirChannelsWhereTheyAreTold() {
    Model model = GraphText.parse(NET);
    PassResult result = narrow(model,
        Map.of("budget", 0.8, "budget_of", "multiply_adds", "keep", List.of("first", "nowhere")));
    assertEquals(12, model.graph().value("a").tensor().shape().dim(0));
    assertEquals("left alone by the recipe", result.skipped().get("Conv 'first'"));
    assertEquals("keep: [nowhere] match no node", result.figures().get("warning"));
  }

  /** Timings are not asserted: only that a choice was made by them, and is told. */
  @Test
  void latencyIsMeasured() {
    Model model = GraphText.parse(NET.replace("8,8]", "32,32]"));
    Samples samples = Samples.of(
        List.of(new Sample(Map.of("x", Tensor.of(Shape.of(1, 3, 32, 32), new float[3 * 1024])), null, true)));
    try {
      PassResult result = narrow(model, samples, Map.of("budget", 0.9, "widths", 2));
      assertTrue(result.figures().get("cost").endsWith("of its latency on cpu"), result.figures().toString());
      assertTrue(result.figures().keySet().stream().anyMatch(name -> name.startsWith("cost by channels of Conv")));
    } catch (InvalidInputException e) {
      assertTrue(e.getMessage().startsWith("narrow: with all that may go the model costs "), e.getMessage());
    }
  }

  @Test
  void whatCannotBeReachedIsRefused() {
    Model model = GraphText.parse(NET);
    String before = GraphText.print(model.graph());
    assertEquals(
        "narrow: with all that may go the model costs 0.010 of what it costs, expected at most 0.010; allow more, or smaller widths",
        assertThrows(InvalidInputException.class,
            () -> narrow(model, Map.of("budget", 0.01, "budget_of", "multiply_adds")))
            .getMessage().replaceAll("costs 0\\.\\d+", "costs 0.010"));
    assertEquals(before, GraphText.print(model.graph()), "a model that is refused is not changed");
    assertEquals("narrow: found no calibration samples, expected some to see by what channels are worth",
        assertThrows(InvalidInputException.class, () -> narrow(model, Samples.none(), Map.of())).getMessage());
  }
}
