package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlFlowTest {
  private final Graph graph = new Model(10, 21).graph();

  private static Value input(Graph graph, String name, DType dtype, long... dims) {
    Value value = graph.addValue(name, TensorType.of(dtype, Shape.of(dims)));
    graph.addInput(value);
    return value;
  }

  private static Value op(Graph graph, String operator, Value... inputs) {
    return graph.node(operator).in(inputs).out(operator, null).append().output();
  }

  private List<Tensor> run(NodeBuilder builder, int outputs, Map<String, Tensor> inputs) {
    for (int i = 0; i < outputs; i++) {
      builder.out("result" + i, null);
    }
    Node node = builder.append();
    node.outputs().forEach(graph::addOutput);
    return Interpreter.run(graph, inputs);
  }

  @Test
  void aBranchSeesTheValuesAroundIt() {
    Value x = input(graph, "x", DType.INT64, 2);
    Value condition = input(graph, "condition", DType.BOOL);
    Graph yes = Graph.subgraphOf(graph);
    Graph no = Graph.subgraphOf(graph);
    NodeBuilder node = graph.node("If").in(condition).attribute(Attribute.of("then_branch", yes))
        .attribute(Attribute.of("else_branch", no)).out("result", null);
    Value result = node.append().output();
    yes.addOutput(op(yes, "Concat", x, x));
    yes.nodes().getFirst().setAttribute(Attribute.of("axis", 0));
    no.addOutput(op(no, "Identity", x));
    graph.addOutput(result);
    Tensor value = Tensor.of(Shape.of(2), 3L, 4L);
    assertArrayEquals(new long[] {3, 4, 3, 4}, Interpreter.run(graph, Map.of("x", value, "condition",
        Tensor.of(Shape.SCALAR, true))).getFirst().longs());
    assertArrayEquals(new long[] {3, 4}, Interpreter.run(graph, Map.of("x", value, "condition",
        Tensor.of(Shape.SCALAR, false))).getFirst().longs());
  }

  /** A body that counts its state up and gives the state of each turn. */
  private Graph counting() {
    Graph body = Graph.subgraphOf(graph);
    Value turn = input(body, "turn", DType.INT64);
    Value condition = input(body, "going", DType.BOOL);
    Value state = input(body, "state", DType.INT64, 1);
    Value joined = op(body, "Concat", state, state);
    body.nodes().getFirst().setAttribute(Attribute.of("axis", 0));
    Value sum = op(body, "ReduceSum", joined);
    body.addOutput(op(body, "Identity", condition));
    body.addOutput(sum);
    body.addOutput(op(body, "Identity", turn));
    body.outputs().get(2).setType(TensorType.of(DType.INT64, Shape.SCALAR));
    return body;
  }

  @Test
  void aLoopCarriesStateAndStacksResults() {
    Value count = input(graph, "count", DType.INT64);
    Value start = input(graph, "start", DType.INT64, 1);
    NodeBuilder loop = graph.node("Loop").in(count, null, start).attribute(Attribute.of("body", counting()));
    List<Tensor> results = run(loop, 2, Map.of("count", Tensor.scalar(3L), "start", Tensor.of(Shape.of(1), 5L)));
    assertArrayEquals(new long[] {40}, results.get(0).longs());
    assertArrayEquals(new long[] {0, 1, 2}, results.get(1).longs());
  }

  @Test
  void aLoopWithoutTurnsGivesItsStartAndNothingElse() {
    Value count = input(graph, "count", DType.INT64);
    Value going = input(graph, "go", DType.BOOL);
    Value start = input(graph, "start", DType.INT64, 1);
    NodeBuilder loop = graph.node("Loop").in(count, going, start).attribute(Attribute.of("body", counting()));
    List<Tensor> results = run(loop, 2, Map.of("count", Tensor.scalar(3L), "go", Tensor.of(Shape.SCALAR, false),
        "start", Tensor.of(Shape.of(1), 5L)));
    assertArrayEquals(new long[] {5}, results.get(0).longs());
    assertEquals(Shape.of(0), results.get(1).shape());
    assertEquals(DType.INT64, results.get(1).dtype());
  }

  @Test
  void aScanReadsBackwardsAlongAnAxisAndPrepends() {
    Value x = input(graph, "x", DType.INT64, 2, 3);
    Graph body = Graph.subgraphOf(graph);
    Value column = input(body, "column", DType.INT64, 2);
    body.addOutput(op(body, "Identity", column));
    NodeBuilder scan = graph.node("Scan").in(x).attribute(Attribute.of("body", body))
        .attribute(Attribute.of("num_scan_inputs", 1)).attribute(Attribute.of("scan_input_axes", new long[] {1}))
        .attribute(Attribute.of("scan_input_directions", new long[] {1}))
        .attribute(Attribute.of("scan_output_axes", new long[] {-1}));
    Tensor result = run(scan, 1, Map.of("x", Tensor.of(Shape.of(2, 3), 1L, 2L, 3L, 4L, 5L, 6L))).getFirst();
    assertEquals(Shape.of(2, 3), result.shape());
    assertArrayEquals(new long[] {3, 2, 1, 6, 5, 4}, result.longs());
  }

  @Test
  void scannedAxesMustBeOfOneLength() {
    Value x = input(graph, "x", DType.INT64, 2);
    Value y = input(graph, "y", DType.INT64, 1);
    Graph body = Graph.subgraphOf(graph);
    Value a = input(body, "a", DType.INT64);
    input(body, "b", DType.INT64);
    body.addOutput(op(body, "Identity", a));
    NodeBuilder scan = graph.node("Scan").in(x, y).attribute(Attribute.of("body", body))
        .attribute(Attribute.of("num_scan_inputs", 2));
    assertThrows(InvalidInputException.class, () -> run(scan, 1,
        Map.of("x", Tensor.of(Shape.of(2), 1L, 2L), "y", Tensor.of(Shape.of(1), 1L))));
  }

  @Test
  void bodiesThatDoNotFitAreRefused() {
    Value x = input(graph, "x", DType.INT64, 2);
    Graph body = Graph.subgraphOf(graph);
    body.addOutput(op(body, "Identity", input(body, "a", DType.INT64)));
    Map<String, Tensor> given = Map.of("x", Tensor.of(Shape.of(2), 1L, 2L));
    NodeBuilder scan = graph.node("Scan").in(x).attribute(Attribute.of("body", body))
        .attribute(Attribute.of("num_scan_inputs", 2));
    assertTrue(assertThrows(InvalidInputException.class, () -> run(scan, 1, given)).getMessage()
        .endsWith("num_scan_inputs is 2, expected 1 to 1"));
  }

  @Test
  void aLoopNeedsACountAndACondition() {
    Value x = input(graph, "x", DType.INT64, 2);
    Graph body = Graph.subgraphOf(graph);
    body.addOutput(op(body, "Identity", input(body, "a", DType.INT64)));
    NodeBuilder loop = graph.node("Loop").in(null, null, x).attribute(Attribute.of("body", body));
    assertTrue(assertThrows(InvalidInputException.class,
        () -> run(loop, 1, Map.of("x", Tensor.of(Shape.of(2), 1L, 2L)))).getMessage()
        .endsWith("body has 1 inputs and 1 outputs, expected 3 and 2"));
  }
}
