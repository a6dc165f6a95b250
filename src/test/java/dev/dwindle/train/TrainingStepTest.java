package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.TrainingStep.Goal;
import dev.dwindle.train.TrainingStep.Update;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

  private static final Goal CLASSES = new Goal("y", Loss.CROSS_ENTROPY);
  private static final Goal NUMBERS = new Goal("y", Loss.MEAN_SQUARED_ERROR);

  @TempDir
  Path folder;

  private static final Update PLAIN = new Update(new Optimizer.Sgd(0, 0));

  /** Of labels and soft targets of the same logits, and of inner values, one of them with another number of channels at the teacher. */
  private static final List<Goal> DISTILLATION = List.of(CLASSES, new Goal("y", new Loss.Divergence(4), 0.5),
      new Goal("r", Loss.ATTENTION, 20), new Goal("n", Loss.MEAN_SQUARED_ERROR, 0.1), new Goal("f", Loss.COSINE));

  static Stream<Arguments> steps() {
    Optimizer sgd = new Optimizer.Sgd(0.9, 0.01);
    Optimizer adam = new Optimizer.AdamW(0.9, 0.99, 1e-6, 0.01);
    return Stream.of(Arguments.of(new Update(sgd), List.of(CLASSES)), Arguments.of(new Update(adam), List.of(CLASSES)),
        Arguments.of(new Update(sgd, 0.5), DISTILLATION));
  }

  private static TrainingStep step(Update update, List<Goal> goals) {
    return TrainingStep.of(GraphText.parse(NET), BATCH, goals, update, TrainingStep::isWeight);
  }

  /** Numbers for all inputs that are not carried. */
  private static Map<String, Tensor> data(TrainingStep step, int seed) {
    Random random = new Random(seed);
    Map<String, Tensor> data = new HashMap<>();
    data.put("x", random(random, step.model().graph().value("x").tensorType()));
    for (String target : step.targets()) {
      TensorType type = step.model().graph().value(target).tensorType();
      data.put(target,
          type.dtype() == DType.INT64 ? Tensor.of(Shape.of(4), 4L, 0L, 2L, 1L) : random(random, type));
    }
    data.put(TrainingStep.RATE, Tensor.scalar(0.01f));
    return data;
  }

  /** An open dimension is 5. */
  private static Tensor random(Random random, TensorType type) {
    Shape shape = Shape.of(type.dims().stream().mapToLong(dim -> dim.isKnown() ? dim.size() : 5).toArray());
    return Elements.ofDoubles(DType.FLOAT, shape, random.doubles(shape.intSize(), -0.5, 0.5).toArray());
  }

  /** Several steps on the processor, on its device all the while, beside the plain meaning; the first also in ONNX Runtime. */
  @ParameterizedTest
  @MethodSource("steps")
  void isAGraphThatAnyBackendRuns(Update update, List<Goal> goals) throws Exception {
    TrainingStep step = step(update, goals);
    assertEquals(List.of("w", "v", "c", "s", "o"), step.parameters());
    GraphVerifier.verify(step.model().graph());
    Map<String, Tensor> state = new HashMap<>(step.initial());
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(step.model().graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      step.initial().forEach(bound::set);
      step.carried().forEach((input, output) -> bound.carry(output, input));
      for (int i = 0; i < 3; i++) {
        Map<String, Tensor> inputs = data(step, i);
        inputs.forEach(bound::set);
        bound.run();
        inputs.putAll(state);
        Map<String, Tensor> expected = outputs(step, inputs);
        Distance.assertClose("step " + i + " on cpu", 1e-4, expected, bound.outputs());
        if (i == 0) {
          Distance.assertClose("step in ONNX Runtime", 1e-4, expected,
              Distance.outputs(standard(step), folder.resolve("step.onnx"), inputs));
        }
        step.carried().forEach((input, output) -> state.put(input, expected.get(output)));
      }
    }
  }

  private static Model standard(TrainingStep step) {
    Model model = step.model().copy();
    Backpropagation.standardize(model);
    return model;
  }

  private static Map<String, Tensor> outputs(TrainingStep step, Map<String, Tensor> inputs) {
    List<Tensor> values = Interpreter.run(step.model().graph(), inputs);
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (Value output : step.model().graph().outputs()) outputs.put(output.name(), values.get(outputs.size()));
    return outputs;
  }

  /** How far each parameter goes in one step of plain gradient descent, and the numbers that the step gives. */
  private record Moves(Map<String, double[]> by, Map<String, Tensor> outputs) {
    static Moves of(TrainingStep step, Map<String, Tensor> data) {
      Map<String, Tensor> inputs = new HashMap<>(data);
      inputs.keySet().removeIf(name -> step.model().graph().value(name) == null);
      inputs.putAll(step.initial());
      Map<String, Tensor> outputs = TrainingStepTest.outputs(step, inputs);
      Map<String, double[]> by = new HashMap<>();
      for (String parameter : step.parameters()) {
        double[] from = Elements.doubles(step.initial().get(parameter));
        double[] to = Elements.doubles(outputs.get(step.carried().get(parameter)));
        by.put(parameter, IntStream.range(0, from.length).mapToDouble(i -> to[i] - from[i]).toArray());
      }
      return new Moves(by, outputs);
    }

    double number(String output) {
      return Elements.doubles(outputs.get(output))[0];
    }
  }

  @Test
  void goalsAddUp() {
    TrainingStep all = step(PLAIN, DISTILLATION);
    assertEquals(List.of("training_target", "training_target_2", "training_target_3", "training_target_4",
        "training_target_5"), all.targets());
    assertEquals("float[4,3,8,8]", all.model().graph().value("training_target_4").type().toString());
    Map<String, Tensor> data = data(all, 3);
    data.put(TrainingStep.RATE, Tensor.scalar(1f));
    Moves together = Moves.of(all, data);
    Map<String, double[]> sums = new HashMap<>();
    double loss = 0;
    for (int i = 0; i < DISTILLATION.size(); i++) {
      Goal goal = DISTILLATION.get(i);
      Map<String, Tensor> own = new HashMap<>(data);
      own.put(TrainingStep.TARGET, data.get(all.targets().get(i)));
      TrainingStep step = step(PLAIN, List.of(new Goal(goal.value(), goal.loss())));
      Moves alone = Moves.of(step, own);
      assertEquals(alone.number(TrainingStep.LOSS), together.number(all.parts().get(i)), 1e-6, goal.toString());
      assertEquals(alone.number(TrainingStep.LOSS), alone.number(step.parts().getFirst()));
      loss += goal.weight() * alone.number(TrainingStep.LOSS);
      alone.by.forEach((parameter, moves) -> sums.merge(parameter,
          Arrays.stream(moves).map(move -> goal.weight() * move).toArray(),
          (a, b) -> IntStream.range(0, a.length).mapToDouble(k -> a[k] + b[k]).toArray()));
    }
    assertEquals(loss, together.number(TrainingStep.LOSS), 1e-5);
    together.by.forEach((parameter, moves) -> assertArrayEquals(sums.get(parameter), moves, 1e-5, parameter));
  }

  static Stream<List<Optimizer>> decays() {
    return Stream.of(List.of(new Optimizer.Sgd(0, 0), new Optimizer.Sgd(0, 0.3)),
        List.of(new Optimizer.AdamW(0.9, 0.99, 1e-6, 0), new Optimizer.AdamW(0.9, 0.99, 1e-6, 0.3)));
  }

  /** The first of the optimizers has no decay, the other one of 0.3. */
  @ParameterizedTest
  @MethodSource("decays")
  void vectorsDoNotDecay(List<Optimizer> optimizers) {
    Model net = GraphText.parse(
        """
            net (float[2,3,4] x) => (y)
            <float[4,5] w = random(1), float[5] b = random(2), float[3,1] slope = random(3), float[1,3,1] offset = random(4)>
            { p = PRelu(x, slope)  o = Add(p, offset)  m = MatMul(o, w)  y = Add(m, b) }
            """);
    List<Moves> moves = new ArrayList<>();
    for (Optimizer optimizer : optimizers) {
      TrainingStep step = TrainingStep.of(net, Map.of(), List.of(NUMBERS), new Update(optimizer),
          TrainingStep::isWeight);
      Map<String, Tensor> data = data(step, 5);
      data.put(TrainingStep.RATE, Tensor.scalar(0.1f));
      moves.add(Moves.of(step, data));
    }
    double[] w = Elements.doubles(net.graph().value("w").tensor());
    double[] without = moves.getFirst().by.get("w");
    assertArrayEquals(IntStream.range(0, w.length).mapToDouble(i -> without[i] - 0.1 * 0.3 * w[i]).toArray(),
        moves.getLast().by.get("w"), 1e-6);
    for (String vector : List.of("b", "slope", "offset")) {
      assertArrayEquals(moves.getFirst().by.get(vector), moves.getLast().by.get(vector), vector);
    }
  }

  @Test
  void gradientsAreClippedTogether() {
    TrainingStep free = step(PLAIN, DISTILLATION);
    Map<String, Tensor> data = data(free, 4);
    data.put(TrainingStep.RATE, Tensor.scalar(1f));
    Moves whole = Moves.of(free, data);
    double squares = whole.by.values().stream().flatMapToDouble(Arrays::stream).map(move -> move * move).sum();
    double norm = Math.sqrt(squares);
    assertFalse(whole.outputs.containsKey(TrainingStep.NORM));
    for (double clip : new double[] {norm / 3, norm * 3}) {
      Moves moves = Moves.of(step(new Update(PLAIN.optimizer(), clip), DISTILLATION), data);
      assertEquals(norm, moves.number(TrainingStep.NORM), 1e-4 * norm);
      double factor = Math.min(1, clip / norm);
      whole.by.forEach((parameter, all) -> assertArrayEquals(
          Arrays.stream(all).map(move -> factor * move).toArray(), moves.by.get(parameter), 1e-5, parameter));
    }
  }

  @Test
  void gradientsOfNothingAreClippedToNothing() {
    Model net = GraphText.parse("g (float[2] x) => (y) <float[2] w = {0}> { y = Mul(x, w) }");
    TrainingStep step = TrainingStep.of(net, Map.of(), List.of(NUMBERS), new Update(PLAIN.optimizer(), 1),
        TrainingStep::isWeight);
    Tensor zeros = Tensor.of(Shape.of(2), 0f, 0f);
    Moves moves = Moves.of(step,
        Map.of("x", zeros, TrainingStep.TARGET, zeros, TrainingStep.RATE, Tensor.scalar(1f)));
    assertEquals(0, moves.number(TrainingStep.NORM));
    assertArrayEquals(new double[2], moves.by.get("w"));
  }

  /** What makes a goal's value may be inlined, decomposed, lifted or read past; the value is there all the same. */
  @Test
  void innerValuesSurviveRewriting() throws Exception {
    Model net = GraphText.parse("""
        <ir_version: 8, opset_import: ["": 14, "local": 1]>
        net (float[N,3] x) => (y)
        <float[3,3] w = random(1)>
        {
          a = MatMul(x, w)
          h = HardSwish(a)
          i = Identity(h)
          t = local.twice(i)
          e = Cast <to = 10> (t)
          l = LogSoftmax(t)
          u = MatMul(l, w)
          y = Relu(u)
        }
        <domain: "local", opset_import: ["": 14]> twice (p) => (q) { q = Add(p, p) }
        """);
    List<Goal> goals = Stream.of("h", "a", "i", "t", "e", "l").map(name -> new Goal(name, Loss.MEAN_SQUARED_ERROR))
        .toList();
    TrainingStep step = TrainingStep.of(net, Map.of("x", Shape.of(2, 3)), goals, PLAIN,
        TrainingStep::isWeight);
    assertEquals(List.of("w"), step.parameters());
    GraphVerifier.verify(step.model().graph());
    Map<String, Tensor> data = data(step, 1);
    Moves moves = Moves.of(step, data);
    Inlining.inline(net);
    net.graph().retainOutputs(List.of());
    goals.forEach(goal -> net.graph().addOutput(net.graph().value(goal.value())));
    List<Tensor> values = Interpreter.run(net.graph(), Map.of("x", data.get("x")));
    for (int i = 0; i < goals.size(); i++) {
      double[] value = Elements.doubles(values.get(i));
      double[] target = Elements.doubles(data.get(step.targets().get(i)));
      double sum = 0;
      for (int k = 0; k < value.length; k++) sum += Math.pow(value[k] - target[k], 2);
      assertEquals(sum / value.length, moves.number(step.parts().get(i)), 1e-5, goals.get(i).value());
    }
    data.putAll(step.initial());
    Distance.assertClose("step in ONNX Runtime", 1e-3, moves.outputs,
        Distance.outputs(standard(step), folder.resolve("inner.onnx"), data));
  }

  @Test
  void learns() {
    Model net = GraphText.parse("""
        xor (float[4,2] x) => (y)
        <float[2,8] w = random(1), float[8] b = {0}, float[8,1] v = random(2), float[1] c = {0}>
        { h = Gemm(x, w, b)  t = Tanh(h)  y = Gemm(t, v, c) }
        """);
    TrainingStep step = TrainingStep.of(net, Map.of(), List.of(NUMBERS),
        new Update(new Optimizer.AdamW(0.9, 0.999, 1e-8, 0)),
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
    TrainingStep step = TrainingStep.of(GraphText.parse(NET), BATCH, List.of(CLASSES), PLAIN,
        value -> value.name().equals("v"));
    assertEquals(List.of("v"), step.parameters());
    assertEquals(List.of("Conv", "MaxPool"), step.model().graph().nodes().stream().map(Node::operator)
        .filter(name -> name.contains("Conv") || name.contains("Pool")).toList(), "gradients that nobody asked for");
    assertEquals("graph 'net': no constant is to be trained",
        assertThrows(InvalidInputException.class,
            () -> TrainingStep.of(GraphText.parse(NET), BATCH, List.of(CLASSES),
                PLAIN, value -> false))
            .getMessage());
  }

  private static void assertRefused(String message, String text, Goal... goals) {
    assertEquals(message,
        assertThrows(InvalidInputException.class, () -> TrainingStep.of(GraphText.parse(text), Map.of(),
            List.of(goals), PLAIN, value -> true)).getMessage());
  }

  @Test
  void whatCannotBeTrainedIsSaid() {
    String negative = "g (float[2] x) => (y) { y = Neg(x) }";
    assertRefused("graph 'g': has no goal, expected one", negative);
    assertRefused("goal 'z': graph 'g' computes no such value, expected one such as its outputs [y]", negative,
        NUMBERS, new Goal("z", Loss.COSINE));
    assertRefused("goal 'x': graph 'g' computes no such value, expected one such as its outputs [y]", negative,
        new Goal("x", Loss.COSINE));
    assertRefused("value 'y': is a float[2], expected floating-point numbers of at least 3 axes for its loss",
        "g (float[2] x) => (y) <float[2] w = {1}> { y = Mul(x, w) }", new Goal("y", Loss.ATTENTION));
    for (double clip : new double[] {0, -1, Double.NaN}) {
      assertEquals("gradient clipping: is at " + clip + ", expected a number above 0",
          assertThrows(InvalidInputException.class, () -> new Update(PLAIN.optimizer(), clip)).getMessage());
    }
    for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals("goal 'y': has weight " + weight + ", expected a number above 0",
          assertThrows(InvalidInputException.class, () -> new Goal("y", Loss.COSINE, weight)).getMessage());
    }
    assertRefused("value 'y': is a float[2], expected floating-point numbers of at least 2 axes for its loss",
        "g (float[2] x) => (y) <float[2] w = {1}> { y = Mul(x, w) }", CLASSES);
    assertRefused("constant 'w': is a float16[2], expected float to be trained",
        "g (float16[2] x) => (y) <float16[2] w = {1}> { y = Mul(x, w) }",
        NUMBERS);
    assertRefused("value 'm': is computed, expected constant statistics to begin training with",
        "g (float[2,1] x, float[1] m) => (y) <float[1] s = {1}, float[1] b = {0}> { y = BatchNormalization(x, s, b, m, s) }",
        NUMBERS);
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
        Map.of(), List.of(NUMBERS), PLAIN, TrainingStep::isWeight);
    assertEquals(List.of("s", "b"), step.parameters());
    assertEquals(List.of("m_next", "v_next"), List.of(step.carried().get("m"), step.carried().get("v")));
  }
}
