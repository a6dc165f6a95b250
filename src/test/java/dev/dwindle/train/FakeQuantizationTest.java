package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.FakeQuantization.Kind;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeQuantizationTest {
  /** As it was before, with a layer that stays in floating point. */
  private static final String NET = """
      <ir_version: 10, opset_import: ["": 21]>
      net (float[4,2,8,8] x) => (y)
      <float[3,2,3,3] w = random(1), float[3] b = {0.4, -0.2, 0.1}, float[48,5] v = random(3), float[5] c = random(4),
       float[5] k = random(5), int64[2] flat = {0, -1}>
      {
        h = Conv <pads = [1, 1, 1, 1]> (x, w, b)
        r = Relu(h)
        p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
        f = Reshape(p, flat)
        g = Gemm(f, v, c)
        y = Mul(g, k)
      }
      """;

  /** Weights of eight bits for each channel, and of four along the last axis; the pool and the Reshape carry integers. */
  private static final String QUANTIZED = """
      <ir_version: 10, opset_import: ["": 21]>
      net (float[4,2,8,8] x) => (y)
      <int8[3,2,3,3] wq = {%s}, float[3] ws = {0.01, 0.02, 0.015}, int8[3] wz = {0, 0, 0},
       int32[3] bq = {2000, -700, 300}, float[3] bs = {0.0002, 0.0004, 0.0003},
       int4[48,5] vq = {%s}, float[5] vs = {0.1, 0.2, 0.15, 0.1, 0.3},
       float[5] c = random(4), float[5] k = random(5), int64[2] flat = {0, -1},
       float[] xs = {0.02}, uint8[] xz = {100}, float[] rs = {0.05}, float[] ps = {0.05}, uint8[] none = {0}>
      {
        wd = DequantizeLinear <axis = 0> (wq, ws, wz)
        bd = DequantizeLinear <axis = 0> (bq, bs)
        vd = DequantizeLinear <axis = 1> (vq, vs)
        xq = QuantizeLinear(x, xs, xz)
        xd = DequantizeLinear(xq, xs, xz)
        h = Conv <pads = [1, 1, 1, 1]> (xd, wd, bd)
        r = Relu(h)
        rq = QuantizeLinear(r, rs, none)
        rd = DequantizeLinear(rq, rs, none)
        p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (rd)
        f = Reshape(p, flat)
        fq = QuantizeLinear(f, ps, none)
        fd = DequantizeLinear(fq, ps, none)
        g = Gemm(fd, vd, c)
        y = Mul(g, k)
      }
      """.formatted(integers(54, -127, 128), integers(240, -7, 8));

  private static final Set<String> TRAINED = Set.of("wq_latent", "bq_latent", "vq_latent", "ws_growth", "vs_growth",
      "xs_growth", "rs_growth", "c", "k");

  @TempDir
  Path folder;

  private static String integers(int count, int from, int to) {
    return new Random(count).ints(count, from, to).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  private static Tensor input(int seed) {
    float[] x = new float[4 * 2 * 8 * 8];
    Random random = new Random(seed);
    for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
    return Tensor.of(Shape.of(4, 2, 8, 8), x);
  }

  private static Map<String, Tensor> inputs() {
    return Map.of("x", input(2));
  }

  private static void assertSameNumbers(Model expected, Model found, double tolerance) {
    double[] a = Elements.doubles(Interpreter.run(expected.graph(), inputs()).getFirst());
    double[] b = Elements.doubles(Interpreter.run(found.graph(), inputs()).getFirst());
    assertArrayEquals(a, b, tolerance);
  }

  /** Also in ONNX Runtime, where it is of standard operators. */
  @Test
  void theTrainableModelComputesTheSame() throws Exception {
    Model quantized = GraphText.parse(QUANTIZED);
    FakeQuantization fake = FakeQuantization.of(quantized);
    GraphVerifier.verify(fake.model().graph());
    assertSameNumbers(quantized, fake.model(), 0);
    Model standard = fake.model().copy();
    Backpropagation.standardize(standard);
    Distance.assertClose("trainable", 1e-5, Distance.outputs(quantized, folder.resolve("quantized.onnx"), inputs()),
        Distance.outputs(standard, folder.resolve("trainable.onnx"), inputs()));
    assertEquals(GraphText.print(GraphText.parse(QUANTIZED).graph()), GraphText.print(quantized.graph()));
  }

  @Test
  void weightsBiasesAndScalesAreTrained() {
    FakeQuantization fake = FakeQuantization.of(GraphText.parse(QUANTIZED));
    assertEquals(new TreeSet<>(TRAINED), fake.model().graph().constants().stream().filter(fake::isTrained)
        .map(Value::name).collect(Collectors.toCollection(TreeSet::new)));
    Map<String, Kind> kinds = Map.of("wq_latent", Kind.WEIGHT, "bq_latent", Kind.BIAS, "ws_growth", Kind.WEIGHT_SCALE,
        "rs_growth", Kind.ACTIVATION_SCALE, "k", Kind.FLOAT);
    kinds.forEach((name, kind) -> assertEquals(kind, fake.kind(fake.model().graph().value(name)), name));
    Set<String> frozen = step(fake,
        new TrainingStep.Scope(fake.without(Kind.ACTIVATION_SCALE, Kind.WEIGHT_SCALE), true))
        .parameters().stream().collect(Collectors.toSet());
    assertEquals(Set.of("wq_latent", "bq_latent", "vq_latent", "c", "k"), frozen);
  }

  /** Weights of fewer bits than their type has keep to them. */
  @Test
  void endsAreThoseOfTheBitsThatWeightsTake() {
    assertEnds("{-127, 3}", "int8", -127, 127);
    assertEnds("{-128, 3}", "int8", -128, 127);
    assertEnds("{-7, 6}", "int8", -7, 7);
    assertEnds("{-8, 3}", "int8", -8, 7);
    assertEnds("{1, 0}", "int8", -1, 1);
    assertEnds("{0, 0}", "int4", -1, 1);
    assertEnds("{3, 200}", "uint8", 0, 255);
  }

  private static void assertEnds(String integers, String type, long low, long high) {
    Model model = GraphText.parse("<ir_version: 10, opset_import: [\"\": 21]> g (float[1,2] x) => (y) <" + type
        + "[2] q = " + integers + ", float[] s = {0.5}> { w = DequantizeLinear(q, s) y = Mul(x, w) }");
    Graph graph = FakeQuantization.of(model).model().graph();
    Node fake = graph.value("w").producer();
    assertEquals(List.of(low, high), List.of(new dev.dwindle.op.Call(fake).integer("low"),
        new dev.dwindle.op.Call(fake).integer("high")), type + " " + integers);
  }

  @Test
  void untrainedItIsTheSameBytes() {
    Model quantized = GraphText.parse(QUANTIZED);
    FakeQuantization fake = FakeQuantization.of(quantized);
    for (Model back : List.of(fake.back(Map.of()), fake.back(fake.model()))) {
      assertEquals(GraphText.print(quantized.graph()), GraphText.print(back.graph()));
    }
  }

  /** The original's numbers within the cells of its integers; a constant of another kind is not taken. */
  @Test
  void weightsBeginWithTheOriginal() {
    Model original = GraphText.parse(NET);
    Model quantized = GraphText.parse(QUANTIZED);
    Tensor integers = quantized.graph().value("wq").tensor();
    float[] near = new float[54];
    for (int i = 0; i < 54; i++) {
      near[i] = (Elements.longs(integers)[i] + 0.4f * (i % 3 - 1)) * new float[] {0.01f, 0.02f, 0.015f}[i / 18];
    }
    near[5] += 1;
    original.graph().setConstant(original.graph().value("w"), Constant.of(Tensor.of(Shape.of(3, 2, 3, 3), near)));
    FakeQuantization fake = FakeQuantization.of(quantized, original);
    float[] latent = fake.model().graph().value("wq_latent").tensor().floats();
    assertNotEquals(near[5], latent[5]);
    near[5] = latent[5];
    assertArrayEquals(near, latent);
    assertSameNumbers(quantized, fake.model(), 0);
    assertEquals(GraphText.print(quantized.graph()), GraphText.print(fake.back(Map.of()).graph()));
    Model plain = FakeQuantization.of(quantized).model();
    assertArrayEquals(plain.graph().value("vq_latent").tensor().bytes(),
        fake.model().graph().value("vq_latent").tensor().bytes());
  }

  private static TrainingStep step(FakeQuantization fake, TrainingStep.Scope scope) {
    return TrainingStep.of(fake.model(), Map.of(), List.of(new TrainingStep.Goal("y", Loss.MEAN_SQUARED_ERROR)),
        new TrainingStep.Update(new Optimizer.AdamW(0.9, 0.99, 1e-8, 0)), scope);
  }

  /** Towards what the original computes. */
  private static Trainer.Outcome train(FakeQuantization fake, int steps) {
    Model original = GraphText.parse(NET);
    Trainer.Feed feed = at -> {
      Tensor x = input((int) (at % 4));
      return Map.of("x", x, TrainingStep.TARGET, Interpreter.run(original.graph(), Map.of("x", x)).getFirst());
    };
    try (Backend cpu = new CpuBackend()) {
      return Trainer.run(step(fake, new TrainingStep.Scope(fake::isTrained, false)),
          new Trainer.Plan(steps, steps / 4, new Schedule.Constant(0.01), null, 1e9, false, 0), feed, Progress.SILENT,
          cpu, 1);
    }
  }

  @Test
  void whatIsTrainedComesBackAsIntegers() throws Exception {
    Model quantized = GraphText.parse(QUANTIZED);
    FakeQuantization fake = FakeQuantization.of(quantized);
    Trainer.Outcome outcome = train(fake, 200);
    assertTrue(outcome.losses().getLast() < outcome.losses().getFirst() / 4, outcome.losses().toString());
    TRAINED.forEach(name -> assertFalse(
        outcome.state().get(name).contentEquals(fake.model().graph().value(name).tensor()), name));
    Model back = fake.back(outcome.state());
    GraphVerifier.verify(back.graph());
    assertEquals(quantized.graph().nodes().stream().map(Node::label).toList(),
        back.graph().nodes().stream().map(Node::label).toList());
    Graph graph = back.graph();
    for (int c = 0; c < 3; c++) {
      assertEquals(graph.value("xs").tensor().floats()[0] * graph.value("ws").tensor().floats()[c],
          graph.value("bs").tensor().floats()[c]);
    }
    assertArrayEquals(graph.value("rs").tensor().bytes(), graph.value("ps").tensor().bytes(),
        "one step before and behind");
    Model trained = fake.model(outcome.state());
    Map<String, Tensor> inQuantized = Distance.outputs(back, folder.resolve("back.onnx"), inputs());
    Distance.assertClose("interpreter", 1e-3, inQuantized,
        Map.of("y", Interpreter.run(trained.graph(), inputs()).getFirst()));
    Distance.assertClose("interpreter", 1e-6, Map.of("y", Interpreter.run(back.graph(), inputs()).getFirst()),
        Map.of("y", Interpreter.run(fake.back(trained).graph(), inputs()).getFirst()));
  }

  @Test
  void scalesStayPositiveAndBiasesFit() {
    FakeQuantization fake = FakeQuantization.of(GraphText.parse(QUANTIZED));
    Map<String, Tensor> state = new HashMap<>();
    state.put("rs_growth", Tensor.scalar(-1000f));
    state.put("xs_growth", Tensor.scalar(1000f));
    state.put("ws_growth", Tensor.of(Shape.of(3), -200f, 0f, 0f));
    Graph graph = fake.back(state).graph();
    assertEquals(Float.MIN_NORMAL, graph.value("rs").tensor().floats()[0]);
    assertEquals(Float.MAX_VALUE, graph.value("xs").tensor().floats()[0]);
    state.put("xs_growth", Tensor.scalar(0f));
    graph = fake.back(state).graph();
    assertEquals(0.4 / (0.02 * 0x3fff_ffff), graph.value("ws").tensor().floats()[0], 1e-16);
    assertEquals(0x3fff_ffff, Elements.longs(graph.value("bq").tensor())[0], 200);
    state.put("ws_growth", Tensor.of(Shape.of(3), Float.NaN, 0f, 0f));
    assertEquals("constant 'ws_growth': holds NaN, expected finite numbers; train at a smaller rate",
        assertThrows(InvalidInputException.class, () -> fake.back(state)).getMessage());
  }

  /** Blocks stay; what is quantized in each run does, too. */
  @Test
  void whatCannotBeTrainedStays() {
    Model model = GraphText.parse("""
        <ir_version: 10, opset_import: ["": 21]>
        g (float[1,4] x) => (y)
        <int8[4,2] q = {1, 2, 3, 4, 5, 6, 7, 8}, float[2,2] s = {0.5, 0.25, 0.5, 1}, float[2] b = {1, 2}>
        { w = DequantizeLinear <axis = 0, block_size = 2> (q, s)  h = MatMul(x, w)  y = Add(h, b) }
        """);
    FakeQuantization fake = FakeQuantization.of(model);
    assertEquals(List.of("b"),
        fake.model().graph().constants().stream().filter(fake::isTrained).map(Value::name).toList());
    assertEquals(GraphText.print(model.graph()), GraphText.print(fake.back(Map.of("b", Tensor.of(Shape.of(2), 1f, 2f)))
        .graph()));
  }

  @Test
  void statisticsAreCarriedUnlessFrozen() {
    Model model = GraphText.parse(
        """
            <ir_version: 10, opset_import: ["": 21]>
            g (float[4,2,3] x) => (y)
            <float[2] s = {1, 2}, float[2] o = {0, 1}, float[2] m = {0.5, 0.1}, float[2] a = {1, 2}, float[] xs = {0.1}, int8[] z = {0}>
            { q = QuantizeLinear(x, xs, z)  d = DequantizeLinear(q, xs, z)  y = BatchNormalization(d, s, o, m, a) }
            """);
    ShapeInference.of(model.graph()).store();
    FakeQuantization fake = FakeQuantization.of(model);
    assertTrue(step(fake, new TrainingStep.Scope(fake::isTrained, false)).carried().containsKey("m"));
    TrainingStep frozen = step(fake, new TrainingStep.Scope(fake::isTrained, true));
    assertFalse(frozen.carried().containsKey("m"));
    assertEquals(Set.of("s", "o", "xs_growth"), Set.copyOf(frozen.parameters()));
    Tensor mean = Tensor.of(Shape.of(2), 3f, 4f);
    assertArrayEquals(mean.bytes(), fake.back(Map.of("m", mean)).graph().value("m").tensor().bytes());
  }
}
