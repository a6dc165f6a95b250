package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {
  private final Graph graph = new Model(8, 17).graph();

  private Value input(String name, Dim... dims) {
    Value value = graph.addValue(name, new TensorType(DType.FLOAT, List.of(dims)));
    graph.addInput(value);
    return value;
  }

  private Value node(String operator, Value... inputs) {
    return graph.node(operator).in(inputs).out(operator, null).append().output();
  }

  @Test
  void namedDimensionsStaySymbolsAndBindToGivenShapes() {
    Value x = input("x", Dim.symbol("batch"), Dim.of(3));
    Value y = input("y", Dim.symbol("batch"));
    Value same = node("Identity", x);
    graph.addOutput(same);

    assertEquals("float[batch,3]", ShapeInference.of(graph).tensorType(same).toString());
    Types bound = ShapeInference.of(graph, Map.of("x", Shape.of(5, 3)));
    assertEquals(Shape.of(5, 3), bound.shape(same));
    assertEquals(Shape.of(5), bound.shape(y), "the name is bound by the other input");
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    input("x", Dim.symbol("n"), Dim.symbol("n"));
    InvalidInputException ranks = assertThrows(InvalidInputException.class,
        () -> ShapeInference.of(graph, Map.of("x", Shape.of(2))));
    assertEquals("input 'x': found shape [2], expected float[n,n]", ranks.getMessage());
    assertThrows(InvalidInputException.class, () -> ShapeInference.of(graph, Map.of("x", Shape.of(2, 3))));
    assertThrows(InvalidInputException.class, () -> ShapeInference.of(graph, Map.of("z", Shape.of(2))));
  }

  @Test
  void whatDependsOnConstantsOnlyIsKnown() {
    Value c = graph.addConstant("c", Tensor.of(Shape.of(2), 4L, 5L));
    Value copy = node("Identity", c);
    Types types = ShapeInference.of(graph);
    assertTrue(c.tensor().contentEquals(types.tensor(copy)));
  }

  @Test
  void anUnknownOperatorKeepsDeclaredSizesButNotNames() {
    Value x = input("x", Dim.of(2));
    Value declared = graph.addValue("declared", new TensorType(DType.FLOAT, List.of(Dim.symbol("n"), Dim.of(7))));
    graph.node("com.example", "Mystery").in(x).out(declared).append();
    Value silent = graph.node("com.example", "Mystery").in(x).out("silent", null).append().output();

    Types types = ShapeInference.of(graph);
    assertNull(types.type(silent));
    assertTrue(types.tensorType(declared).dim(1).is(7));
    assertTrue(Types.isUnknown(types.tensorType(declared).dim(0)));

    types.store();
    assertEquals("float[n,7]", declared.type().toString());
  }
}
