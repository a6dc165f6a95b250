package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.TrainingStep.Goal;
import dev.dwindle.train.TrainingStep.Update;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecomputationTest {
  private static final Update UPDATE = new Update(new Optimizer.AdamW(0.9, 0.99, 1e-6, 0.01), 1);

  /** Residual blocks of convolutions, normalized by the batch. */
  private static TrainingStep residual(int blocks) {
    StringBuilder constants = new StringBuilder("float[8,3,3,3] w = random(1)");
    StringBuilder nodes = new StringBuilder("h0 = Conv <pads = [1, 1, 1, 1]> (x, w)\n");
    for (int i = 0; i < blocks; i++) {
      constants.append((", float[8,8,3,3] w%1$d = random(%2$d), float[8] s%1$d = {1}, float[8] o%1$d = {0},"
          + " float[8] m%1$d = {0}, float[8] a%1$d = {1}").formatted(i, i + 2));
      nodes.append(("c%1$d = Conv <pads = [1, 1, 1, 1]> (h%1$d, w%1$d)\n"
          + "n%1$d = BatchNormalization(c%1$d, s%1$d, o%1$d, m%1$d, a%1$d)\nt%1$d = Relu(n%1$d)\nh%2$d = Add(t%1$d, h%1$d)\n")
          .formatted(i, i + 1));
    }
    String text = """
        <ir_version: 8, opset_import: ["": 13]>
        net (float[N,3,12,12] x) => (y)
        <%s, float[8,4] v = random(90), float[4] b = {0}>
        { %s p = GlobalAveragePool(h%d)  f = Flatten(p)  y = Gemm(f, v, b) }
        """.formatted(constants, nodes, blocks);
    return TrainingStep.of(GraphText.parse(text), Map.of("x", Shape.of(4, 3, 12, 12)),
        List.of(new Goal("y", Loss.CROSS_ENTROPY)), UPDATE, TrainingStep::isWeight);
  }

  /** Layers of attention over embedded tokens. */
  private static TrainingStep attention(int layers) {
    StringBuilder constants = new StringBuilder("float[50,16] table = random(1)");
    StringBuilder nodes = new StringBuilder("h0 = Gather(table, x)\n");
    for (int i = 0; i < layers; i++) {
      constants.append(
          (", float[16,16] q%1$d = random(%2$d), float[16,16] k%1$d = random(%3$d), float[16] s%1$d = {1}, float[16] o%1$d = {0}")
              .formatted(i, 10 + i, 30 + i));
      nodes.append(
          ("a%1$d = MatMul(h%1$d, q%1$d)\nb%1$d = MatMul(h%1$d, k%1$d)\nt%1$d = Transpose <perm = [0, 2, 1]> (b%1$d)\n"
              + "g%1$d = MatMul(a%1$d, t%1$d)\np%1$d = Softmax(g%1$d)\nc%1$d = MatMul(p%1$d, h%1$d)\nr%1$d = Add(c%1$d, h%1$d)\n"
              + "h%2$d = LayerNormalization(r%1$d, s%1$d, o%1$d)\n").formatted(i, i + 1));
    }
    String text = """
        <ir_version: 8, opset_import: ["": 17]>
        net (int64[N,12] x) => (y)
        <%s, float[16,4] v = random(90), int64[1] axes = {1}>
        { %s m = ReduceMean <axes = [1], keepdims = 0> (h%d)  y = MatMul(m, v) }
        """.formatted(constants, nodes, layers);
    return TrainingStep.of(GraphText.parse(text), Map.of("x", Shape.of(4, 12)),
        List.of(new Goal("y", Loss.CROSS_ENTROPY)), UPDATE, TrainingStep::isWeight);
  }

  private static TrainingStep step(String kind) {
    return kind.equals("residual") ? residual(12) : attention(10);
  }

  private static long bytes(Graph graph) {
    try (Backend cpu = new CpuBackend()) {
      return cpu.bytes(graph, CompileOptions.DEFAULT);
    }
  }

  private static Map<String, byte[]> threeSteps(TrainingStep step) {
    Random random = new Random(7);
    Map<String, byte[]> found = new LinkedHashMap<>();
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(step.model().graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      step.initial().forEach(bound::set);
      step.carried().forEach((input, output) -> bound.carry(output, input));
      for (int i = 0; i < 3; i++) {
        data(step, random).forEach(bound::set);
        bound.run();
      }
      bound.outputs().forEach((name, tensor) -> found.put(name, tensor.bytes()));
    }
    return found;
  }

  private static Map<String, Tensor> data(TrainingStep step, Random random) {
    Map<String, Tensor> data = new HashMap<>();
    Shape shape = step.model().graph().value("x").tensorType().shape();
    data.put("x", step.model().graph().value("x").tensorType().dtype() == DType.INT64
        ? Tensor.of(shape, random.longs(shape.intSize(), 0, 50).toArray())
        : Elements.ofDoubles(DType.FLOAT, shape, random.doubles(shape.intSize(), -1, 1).toArray()));
    data.put(TrainingStep.TARGET, Tensor.of(Shape.of(4), 3L, 0L, 2L, 1L));
    data.put(TrainingStep.RATE, Tensor.scalar(0.01f));
    return data;
  }

  /** In the memory that was asked for, as the backend tells it and as it is estimated, whatever the kind of net. */
  @ParameterizedTest
  @CsvSource({"residual, 0.8", "residual, 0.6", "residual, 0.5", "attention, 0.8", "attention, 0.65"})
  void takesLessMemoryForTheSameBits(String kind, double share) {
    TrainingStep whole = step(kind);
    long limit = Math.round(share * bytes(whole.model().graph()));
    TrainingStep smaller = whole.within(limit, RecomputationTest::bytes);
    assertTrue(smaller.model().graph().nodes().size() > whole.model().graph().nodes().size());
    assertTrue(bytes(smaller.model().graph()) <= limit, bytes(smaller.model().graph()) + " > " + limit);
    GraphVerifier.verify(smaller.model().graph());
    Map<String, byte[]> expected = threeSteps(whole);
    Map<String, byte[]> found = threeSteps(smaller);
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
  }

  /** Also in a runtime that merges what computes the same, and knows nothing of the order of nodes. */
  @ParameterizedTest
  @CsvSource({"residual", "attention"})
  void meansTheSameElsewhere(String kind, @TempDir Path folder) throws Exception {
    TrainingStep whole = step(kind);
    TrainingStep smaller = whole.within(Math.round(0.7 * bytes(whole.model().graph())), RecomputationTest::bytes);
    Model model = smaller.model().copy();
    Backpropagation.standardize(model);
    Map<String, Tensor> inputs = new HashMap<>(smaller.initial());
    inputs.putAll(data(smaller, new Random(7)));
    Map<String, Tensor> expected = new LinkedHashMap<>();
    List<Tensor> values = Interpreter.run(whole.model().graph(), inputs);
    for (Value output : whole.model().graph().outputs()) expected.put(output.name(), values.get(expected.size()));
    Distance.assertClose("in ONNX Runtime", 1e-4, expected,
        Distance.outputs(model, folder.resolve("step.onnx"), inputs));
  }

  @Test
  void staysAsItIsWhereItFits() {
    TrainingStep step = residual(3);
    assertSame(step, step.within(bytes(step.model().graph()), RecomputationTest::bytes));
    assertSame(step, step.within(1L << 40, graph -> -1));
  }

  /** What a body reads of the graph around it is never computed twice. */
  @Test
  void bodiesReadWhatIsThere() {
    String blocks = IntStream.range(0, 8)
        .mapToObj(i -> "c%1$d = Conv <pads = [1, 1, 1, 1]> (h%1$d, w)  h%2$d = Relu(c%1$d) ".formatted(i, i + 1))
        .collect(Collectors.joining());
    TrainingStep step = TrainingStep.of(
        GraphText.parse(
            """
                <ir_version: 8, opset_import: ["": 17]>
                net (float[4,8,12,12] h0, bool[] flag) => (y)
                <float[8,8,3,3] w = random(1), float[8,4] v = random(2)>
                {
                  %s
                  k = If <then_branch = yes () => (a) { a = Identity(h3) }, else_branch = no () => (b) { b = Neg(h3) }> (flag)
                  p = GlobalAveragePool(h8)  f = Flatten(p)  q = GlobalAveragePool(k)  g = Flatten(q)  s = Add(f, g)  y = MatMul(s, v)
                }"""
                .formatted(blocks)),
        Map.of(), List.of(new Goal("y", Loss.CROSS_ENTROPY)), UPDATE,
        value -> value.name().equals("v"));
    TrainingStep smaller = Recomputation.withinOrLeast(step, 1, graph -> -1);
    GraphVerifier.verify(smaller.model().graph());
  }

  @Test
  void saysHowSmallItGets() {
    TrainingStep step = residual(4);
    InvalidInputException e = assertThrows(InvalidInputException.class, () -> step.within(1000, graph -> -1));
    assertTrue(e.getMessage().contains("take a smaller batch"), e.getMessage());
  }
}
