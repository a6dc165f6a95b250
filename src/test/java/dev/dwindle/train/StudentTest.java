package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StudentTest {
  private static final String NET = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[N,2,6,6] x) => (y)
      <
        float[8,2,3,3] w1 = random(1), float[8] b1 = random(2), float[8,8,3,3] w2 = random(3), float[8] s = random(4),
        float[8] o = random(5), float[8] m = random(6), float[8] v = {0.5}, float[72,12] p = random(7), float[12] c = random(8),
        float[12,3] q = random(9)
      >
      {
        h = Conv <pads = [1, 1, 1, 1]> (x, w1, b1)
        i = Relu(h)
        j = Conv <pads = [1, 1, 1, 1]> (i, w2)
        k = BatchNormalization(j, s, o, m, v)
        l = Add(k, i)
        n = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (l)
        f = Flatten(n)
        g = Gemm(f, p, c)
        r = Relu(g)
        y = MatMul(r, q)
      }
      """;

  private static final Model TEACHER = GraphText.parse(NET);

  private static Map<String, Tensor> samples() {
    Random random = new Random(3);
    float[] numbers = new float[2 * 2 * 36];
    for (int i = 0; i < numbers.length; i++) numbers[i] = (float) random.nextGaussian();
    return Map.of("x", Tensor.of(Shape.of(2, 2, 6, 6), numbers));
  }

  private static double[] run(Model model) {
    GraphVerifier.verify(model.graph());
    return Elements.doubles(Interpreter.run(model.graph(), samples()).getFirst());
  }

  private static List<String> operators(Model model) {
    return model.graph().nodes().stream().map(Node::operator).toList();
  }

  @Test
  void theWholeWidthIsTheTeacher() {
    String before = GraphText.print(TEACHER.graph());
    assertArrayEquals(run(TEACHER), run(Student.narrow(TEACHER, 1)), 1e-4);
    assertEquals(before, GraphText.print(TEACHER.graph()));
  }

  @Test
  void everyGroupKeepsItsShare() {
    Model half = Student.narrow(TEACHER, 0.5);
    assertEquals("float[4,2,3,3]", half.graph().value("w1").tensor().toString());
    assertEquals("float[4,4,3,3]", half.graph().value("w2").tensor().toString());
    assertEquals("float[36,6]", half.graph().value("p").tensor().toString());
    assertEquals("float[6,3]", half.graph().value("q").tensor().toString());
    assertEquals(2 * 3, run(half).length);
    assertEquals("float[1,2,3,3]", Student.narrow(TEACHER, 1e-9).graph().value("w1").tensor().toString());
    String message = assertThrows(InvalidInputException.class, () -> Student.narrow(TEACHER, 0)).getMessage();
    assertEquals("width: found 0.0, expected more than 0 and at most 1", message);
  }

  @Test
  void channelsWithTheLargestWeightsStay() {
    Model model = GraphText.parse("""
        g (float[N,2] x) => (y)
        < float[2,4] w = {1, 0, -3, 2, 0, 0, 1, 2}, float[4] b = {10, 20, 30, 40}, float[4,1] v = {1, 2, 3, 4} >
        { h = Gemm(x, w, b) y = MatMul(h, v) }""");
    Model half = Student.narrow(model, 0.5);
    assertArrayEquals(new float[] {-3, 2, 1, 2}, half.graph().value("w").tensor().floats());
    assertArrayEquals(new float[] {30, 40}, half.graph().value("b").tensor().floats());
    assertArrayEquals(new float[] {3, 4}, half.graph().value("v").tensor().floats());
  }

  @Test
  void aDerivedStudentIsTheWidestWithinItsBudget() {
    for (double share : new double[] {0.05, 0.1, 0.25, 0.5, 0.9, 1}) {
      Budget budget = Budget.ofParameters(TEACHER, share);
      Student student = Student.derive(TEACHER, budget, Student.Way.CHANNELS);
      assertEquals(student.cost(), Cost.parameters(student.model()));
      assertTrue(student.cost() <= budget.limit());
      boolean widest = student.share() == 1;
      for (double more = student.share(); !widest && more < Math.min(1, student.share() + 0.13); more += 0.005) {
        widest = Cost.parameters(Student.narrow(TEACHER, Math.min(1, more))) > budget.limit();
      }
      assertTrue(widest, "share " + share + ", width " + student.share());
      run(student.model());
    }
  }

  @Test
  void whatACallerMeasuresIsABudgetToo() {
    List<Long> asked = new ArrayList<>();
    Budget budget = new Budget(model -> {
      long channels = model.graph().value("q").tensor().shape().dim(0);
      asked.add(channels);
      return 3 + 0.5 * channels;
    }, 5);
    Student student = Student.derive(TEACHER, budget, Student.Way.CHANNELS);
    assertEquals("float[4,3]", student.model().graph().value("q").tensor().toString());
    assertTrue(asked.size() < 8, () -> "asked " + asked);
    String message = assertThrows(InvalidInputException.class,
        () -> Student.derive(TEACHER, new Budget(budget.cost(), 3), Student.Way.CHANNELS)).getMessage();
    assertTrue(message
        .startsWith(
            "student: the smallest, with 0.0417 of the channels of each layer, costs 3.500, expected at most 3.000"),
        message);
  }

  @Test
  void normalizationsChangeNothingAndFoldAgain() {
    Model student = Student.narrow(TEACHER, 0.5);
    assertEquals(List.of("Conv", "Relu", "Conv", "Add", "MaxPool", "Flatten", "Gemm", "Relu", "MatMul"),
        operators(student));
    Model normalized = Student.normalized(student);
    assertEquals(
        List.of("Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization", "Add", "MaxPool", "Flatten",
            "Gemm", "Relu", "MatMul"),
        operators(normalized));
    assertTrue(normalized.graph().nodes().stream().filter(n -> n.is("Conv")).allMatch(n -> n.inputs().size() == 2));
    assertEquals(GraphText.print(normalized.graph()), GraphText.print(Student.normalized(normalized).graph()));
    assertArrayEquals(run(student), run(normalized), 1e-3);
    Simplification.simplify(normalized.graph());
    assertEquals(operators(student), operators(normalized));
    assertArrayEquals(run(student), run(normalized), 1e-3);
  }

  @Test
  void weightsAreDrawnBySeedAndName() {
    Model student = Student.normalized(Student.narrow(TEACHER, 0.5));
    Model drawn = Student.redraw(student, 7);
    assertEquals(GraphText.print(drawn.graph()), GraphText.print(Student.redraw(student, 7).graph()));
    assertNotEquals(GraphText.print(drawn.graph()), GraphText.print(Student.redraw(student, 8).graph()));
    double[] p = Elements.doubles(drawn.graph().value("p").tensor());
    double bound = Math.sqrt(6 / 36.0);
    assertTrue(Arrays.stream(p).allMatch(v -> Math.abs(v) <= bound));
    assertEquals(2 / 36.0, Arrays.stream(p).map(v -> v * v).average().orElseThrow(), 0.01);
    assertEquals(0, Arrays.stream(Elements.doubles(drawn.graph().value("c").tensor())).map(Math::abs).sum());
    for (Node node : drawn.graph().nodes()) {
      if (!node.is("BatchNormalization")) continue;
      double[] wanted = {1, 0, 0, 1};
      for (int i = 0; i < 4; i++) {
        for (double v : Elements.doubles(node.input(i + 1).tensor())) assertEquals(wanted[i], v);
      }
    }
  }

  /** As the first machine drew it. */
  @Test
  void weightsAreTheSameOnEveryMachine() {
    assertEquals(0.04999440908432007, Elements.doubles(Student.redraw(TEACHER, 1).graph().value("w1").tensor())[0]);
  }

  @Test
  void equalBiasesStayBiasesOfTheirLayers() {
    Model model = GraphText.parse(
        """
            g (float[N,2] x) => (y)
            < float[2,4] w = random(1), float[4] b = {0}, float[4,4] v = random(2), float[4] c = {0}, float[4,2] u = random(3) >
            { h = Gemm(x, w, b) i = Relu(h) j = Gemm(i, v, c) k = Relu(j) y = MatMul(k, u) }""");
    Model student = Student.narrow(model, 0.75);
    List<Node> layers = student.graph().nodes().stream().filter(n -> n.is("Gemm")).toList();
    assertNotEquals(layers.get(0).input(2), layers.get(1).input(2));
  }

  private static final String RESIDUAL = """
      <ir_version: 8, opset_import: ["": 13]>
      net (float[N,4] x) => (y)
      < float[4,4] w1 = random(1), float[4,6] w2 = random(2), float[6,4] w3 = random(3), float[4,4] w4 = random(4),
        float[4,4] w5 = random(5), float[4,2] w6 = random(6) >
      {
        [in] a = MatMul (x, w1)
        [up] b = MatMul (a, w2)
        [act] c = Relu (b)
        [down] d = MatMul (c, w3)
        [first] e = Add (d, a)
        [mid] f = MatMul (e, w4)
        [second] g = Add (e, f)
        [last] h = MatMul (g, w5)
        [third] i = Add (h, g)
        [head] y = MatMul (i, w6)
      }
      """;

  @Test
  void residualBlocksAreFound() {
    List<Student.Block> blocks = Student.blocks(GraphText.parse(RESIDUAL));
    assertEquals(List.of("Add 'first'", "Add 'second'", "Add 'third'"),
        blocks.stream().map(Student.Block::name).toList());
    assertEquals(List.of("MatMul 'up'", "Relu 'act'", "MatMul 'down'"), blocks.getFirst().branch());
    assertEquals(1, Student.blocks(TEACHER).size());
  }

  @Test
  void droppedBlocksLeaveTheirInput() {
    Model teacher = GraphText.parse(RESIDUAL);
    assertEquals(List.of("in", "up", "act", "down", "first", "last", "third", "head"),
        names(Student.shorten(teacher, 1)));
    assertEquals(List.of("in", "mid", "second", "head"), names(Student.shorten(teacher, 2)));
    Model none = Student.shorten(teacher, 3);
    assertEquals(List.of("in", "head"), names(none));
    GraphVerifier.verify(none.graph());
    String message = assertThrows(InvalidInputException.class, () -> Student.shorten(teacher, 4)).getMessage();
    assertEquals("student: 4 residual blocks are to go, expected 0 to the 3 that can", message);
  }

  private static List<String> names(Model model) {
    return model.graph().nodes().stream().map(Node::name).toList();
  }

  @Test
  void ofNestedBlocksTheInnerIsOne() {
    Model model = GraphText.parse("""
        g (float[N,4] x) => (y)
        < float[4,4] a = random(1), float[4,4] b = random(2) >
        { [outside] c = MatMul(x, a) [inside] d = MatMul(c, b) [inner] e = Add(c, d) [outer] y = Add(x, e) }""");
    assertEquals(List.of("Add 'inner'"), Student.blocks(model).stream().map(Student.Block::name).toList());
    assertEquals(List.of("outside", "outer"), names(Student.shorten(model, 1)));
  }

  /** Attention, which reads a mask beside what it is added to, and feed-forward, with the normalizations behind them. */
  @Test
  void layersOfATransformerGoWhole() {
    Model teacher = Lesson.transformer(3);
    List<Student.Block> blocks = Student.blocks(teacher);
    assertEquals(IntStream.range(0, 3).mapToObj("Add 'attention%1$d' and Add 'forward%1$d'"::formatted).toList(),
        blocks.stream().map(Student.Block::name).toList());
    Model student = Student.shorten(teacher, 1);
    GraphVerifier.verify(student.graph());
    Map<String, Long> kinds = student.graph().nodes().stream()
        .collect(Collectors.groupingBy(Node::operator, Collectors.counting()));
    assertEquals(5, kinds.get("LayerNormalization"));
    assertEquals(2, kinds.get("Softmax"));
    assertEquals(14, kinds.get("MatMul"));
  }

  @Test
  void blocksThatAreNotOne() {
    for (String sum : List.of("y = Add(a, r)", "c = MatMul(a, v) b = MatMul(c, u) y = Add(c, b)",
        "b = MatMul(z, w) y = Add(a, b)")) {
      Model model = GraphText.parse("""
          g (float[1,4] x, float[N,4] z) => (y)
          < float[4,4] w = random(1), float[4,1] v = random(2), float[1,4] u = random(3) >
          { a = MatMul(x, w) r = Relu(a) %s }""".formatted(sum));
      assertEquals(List.of(), Student.blocks(model), sum);
    }
  }

  @Test
  void anActivationIsNotAppliedTwice() {
    Model model = GraphText.parse(
        """
            g (float[N,4] x) => (y)
            < float[4,4] a = random(1), float[4,4] b = random(2) >
            { [one] c = Relu(x) [branch] d = MatMul(c, a) [sum] e = Add(d, c) [two] f = Relu(e) [head] y = MatMul(f, b) }""");
    assertEquals(List.of("one", "head"), names(Student.shorten(model, 1)));
  }

  @Test
  void factorsKeepTheirShare() {
    Model factored = Student.factor(TEACHER, 0.6);
    assertEquals(List.of("Conv", "Conv", "Relu", "Conv", "Conv", "Add", "MaxPool", "Flatten", "MatMul", "Gemm", "Relu",
        "MatMul", "MatMul"), operators(factored));
    assertTrue(Cost.multiplyAdds(factored) <= 0.6 * Cost.multiplyAdds(TEACHER));
    assertEquals(run(TEACHER).length, run(factored).length);
    run(Student.narrow(factored, 0.5));
    assertEquals(
        List.of("Conv", "Conv", "Relu", "Conv", "Conv", "Add", "MaxPool", "Flatten", "MatMul", "Gemm", "Relu", "MatMul",
            "MatMul"),
        operators(Student.factor(TEACHER, 0.01)), "one channel at least");
    String message = assertThrows(InvalidInputException.class, () -> Student.factor(TEACHER, 1)).getMessage();
    assertEquals("share: found 1.0, expected more than 0 and less than 1", message);
  }

  /** The weights are of rank 2, and for two channels there is room. */
  @Test
  void aMatrixOfLowRankIsItsFactors() {
    for (String layer : List.of("Gemm <transB = 1, alpha = 0.5, beta = 2.0> (f, w, b)", "Gemm(f, t, b)", "MatMul(f, t)",
        "Conv <pads = [1, 0, 2, 1], strides = [2, 1], dilations = [1, 2]> (x, c, b)",
        "Conv <auto_pad = \"SAME_UPPER\", kernel_shape = [2, 2]> (x, c)")) {
      Model model = GraphText.parse("""
          <ir_version: 8, opset_import: ["": 13]>
          g (float[2,3,4,4] x) => (y)
          < float[6,48] w = {0}, float[48,6] t = {0}, float[6,3,2,2] c = {0}, float[6] b = random(2) >
          { f = Flatten(x) y = %s }""".formatted(layer));
      for (String name : List.of("w", "t", "c")) lowerRank(model, name);
      double[] expected = run(model.graph(), 2 * 3 * 16);
      Model factored = Student.factor(model, 0.52);
      assertEquals(1, factored.graph().nodes().stream().filter(n -> n.output().name().equals("y_inner")).count(),
          layer);
      assertTrue(Cost.multiplyAdds(factored) <= 0.52 * Cost.multiplyAdds(model), layer);
      assertArrayEquals(expected, run(factored.graph(), 2 * 3 * 16), 1e-4, layer);
    }
  }

  private static void lowerRank(Model model, String name) {
    Value value = model.graph().value(name);
    float[] numbers = new float[(int) value.tensor().size()];
    int columns = numbers.length / (int) value.tensor().shape().dim(0);
    for (int i = 0; i < numbers.length; i++) {
      int row = i / columns;
      int column = i % columns;
      numbers[i] = (float) (Math.sin(row) * Math.cos(column) + 0.1 * (row % 3) * (column % 5 - 2));
    }
    model.graph().setConstant(value, Constant.of(Tensor.of(value.tensor().shape(), numbers)));
  }

  private static double[] run(Graph graph, int count) {
    GraphVerifier.verify(graph);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) numbers[i] = (float) Math.sin(3 * i);
    return Elements.doubles(Interpreter.run(graph, Map.of("x", Tensor.of(Shape.of(2, 3, 4, 4), numbers))).getFirst());
  }
}
