package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingStepTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[N,1,8,8] x) => (y)
      <float[3,1,3,3] w = random(1), float[48,5] v = random(3), float[5] c = random(4),
       float[3] s = {1}, float[3] o = {0}, float[3] m = random(5), float[3] a = {2}, int64[2] flat = {0, -1}>
      {
        h = Conv <pads = [1, 1, 1, 1]> (x, w)
        n = BatchNormalization(h, s, o, m, a)
        r = Relu(n)
        p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
        f = Reshape(p, flat)
        y = Gemm(f, v, c)
      }
      """;

  private static final Map<String, Shape> BATCH = Map.of("x", Shape.of(4, 1, 8, 8));

  private static final TrainingStep.Goal CLASSES = new TrainingStep.Goal(0, Loss.CROSS_ENTROPY);

  @TempDir
  Path folder;

  static Stream<Optimizer> optimizers() {
    return Stream.of(new Optimizer.Sgd(0.9, 0.01), new Optimizer.AdamW(0.9, 0.99, 1e-6, 0.01));
  }

  private static Map<String, Tensor> data(int seed) {
    Map<String, Tensor> data = new HashMap<>();
    float[] x = new float[4 * 64];
    Random random = new Random(seed);
    for (int i = 0; i < x.length; i++) x[i] = random.nextFloat() - 0.5f;
    data.put("x", Tensor.of(Shape.of(4, 1, 8, 8), x));
    data.put(TrainingStep.TARGET, Tensor.of(Shape.of(4), 4L, 0L, 2L, 1L));
    data.put(TrainingStep.RATE, Tensor.scalar(0.01f));
    return data;
  }

  /** Several steps on the processor, on its device all the while, beside the plain meaning; the first also in ONNX Runtime. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void isAGraphThatAnyBackendRuns(Optimizer optimizer) throws Exception {
    TrainingStep step = TrainingStep.of(GraphText.parse(NET), BATCH, CLASSES, optimizer,
        TrainingStep::isWeight);
    assertEquals(List.of("w", "v", "c", "s", "o"), step.parameters());
    GraphVerifier.verify(step.model().graph());
    Map<String, Tensor> state = new HashMap<>(step.initial());
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(step.model().graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      step.initial().forEach(bound::set);
      step.carried().forEach((input, output) -> bound.carry(output, input));
      for (int i = 0; i < 3; i++) {
        Map<String, Tensor> inputs = data(i);
        inputs.forEach(bound::set);
        bound.run();
        inputs.putAll(state);
        Map<String, Tensor> expected = outputs(step, inputs);
        Distance.assertClose("step " + i + " on cpu", 1e-4, expected, bound.outputs());
        if (i == 0) {
          Distance.assertClose("step in ONNX Runtime", 1e-4, expected,
              Distance.outputs(step.model(), folder.resolve("step.onnx"), inputs));
        }
        step.carried().forEach((input, output) -> state.put(input, expected.get(output)));
      }
    }
  }

  private static Map<String, Tensor> outputs(TrainingStep step, Map<String, Tensor> inputs) {
    List<Tensor> values = Interpreter.run(step.model().graph(), inputs);
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (Value output : step.model().graph().outputs()) outputs.put(output.name(), values.get(outputs.size()));
    return outputs;
  }

  @Test
  void learns() {
    Model net = GraphText.parse("""
        xor (float[4,2] x) => (y)
        <float[2,8] w = random(1), float[8] b = {0}, float[8,1] v = random(2), float[1] c = {0}>
        { h = Gemm(x, w, b)  t = Tanh(h)  y = Gemm(t, v, c) }
        """);
    TrainingStep step = TrainingStep.of(net, Map.of(), new TrainingStep.Goal(0, Loss.MEAN_SQUARED_ERROR),
        new Optimizer.AdamW(0.9, 0.999, 1e-8, 0),
        value -> true);
    float last = Float.NaN;
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(step.model().graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      step.initial().forEach(bound::set);
      step.carried().forEach((input, output) -> bound.carry(output, input));
      bound.set("x", Tensor.of(Shape.of(4, 2), 0f, 0f, 0f, 1f, 1f, 0f, 1f, 1f));
      bound.set(TrainingStep.TARGET, Tensor.of(Shape.of(4, 1), 0f, 1f, 1f, 0f));
      bound.set(TrainingStep.RATE, Tensor.scalar(0.03f));
      for (int i = 0; i < 500; i++) bound.run();
      last = bound.outputs().get(TrainingStep.LOSS).floats()[0];
    }
    assertTrue(last < 1e-3, "the loss is " + last + " after 500 steps");
  }

  @Test
  void onlyWhatIsTrainedIsAnInput() {
    TrainingStep step = TrainingStep.of(GraphText.parse(NET), BATCH, CLASSES, new Optimizer.Sgd(0.9, 0),
        value -> value.name().equals("v"));
    assertEquals(List.of("v"), step.parameters());
    assertEquals(List.of("Conv", "MaxPool"), step.model().graph().nodes().stream().map(Node::operator)
        .filter(name -> name.contains("Conv") || name.contains("Pool")).toList(), "gradients that nobody asked for");
    assertEquals("graph 'net': no constant is to be trained",
        assertThrows(InvalidInputException.class,
            () -> TrainingStep.of(GraphText.parse(NET), BATCH, CLASSES,
                new Optimizer.Sgd(0.9, 0), value -> false))
            .getMessage());
  }

  private static void assertRefused(String message, String text, TrainingStep.Goal goal) {
    assertEquals(message,
        assertThrows(InvalidInputException.class, () -> TrainingStep.of(GraphText.parse(text), Map.of(),
            goal, new Optimizer.Sgd(0, 0), value -> true)).getMessage());
  }

  @Test
  void whatCannotBeTrainedIsSaid() {
    assertRefused("graph 'g': has 1 outputs, expected more than 3", "g (float[2] x) => (y) { y = Neg(x) }",
        new TrainingStep.Goal(3, Loss.MEAN_SQUARED_ERROR));
    assertRefused("value 'y': is a float[2], expected floating-point numbers of at least 2 axes for its loss",
        "g (float[2] x) => (y) <float[2] w = {1}> { y = Mul(x, w) }", CLASSES);
    assertRefused("constant 'w': is a float16[2], expected float to be trained",
        "g (float16[2] x) => (y) <float16[2] w = {1}> { y = Mul(x, w) }",
        new TrainingStep.Goal(0, Loss.MEAN_SQUARED_ERROR));
    assertRefused("value 'm': is computed, expected constant statistics to begin training with",
        "g (float[2,1] x, float[1] m) => (y) <float[1] s = {1}, float[1] b = {0}> { y = BatchNormalization(x, s, b, m, s) }",
        new TrainingStep.Goal(0, Loss.MEAN_SQUARED_ERROR));
  }

  @Test
  void constantsOfNodesAndStatisticsKeepTheirNames() {
    TrainingStep step = TrainingStep.of(
        GraphText.parse(
            """
                g (float[2,3,2] x) => (y, other) <float[3] m = {0.5}, float[3] v = {1}, float[3] s = {1}, float[3] b = {0}, float[2] q = {1}>
                {
                  c = Constant <value = int64[1] {-1}> ()
                  n = BatchNormalization(x, s, b, m, v)
                  y = Unsqueeze(n, c)
                  other = Mul(x, q)
                }"""),
        Map.of(), new TrainingStep.Goal(0, Loss.MEAN_SQUARED_ERROR), new Optimizer.Sgd(0, 0), TrainingStep::isWeight);
    assertEquals(List.of("s", "b"), step.parameters());
    assertEquals(List.of("m_next", "v_next"), List.of(step.carried().get("m"), step.carried().get("v")));
  }
}
