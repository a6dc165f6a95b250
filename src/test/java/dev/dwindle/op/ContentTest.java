package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arithmetic with shapes whose dimensions are symbols. */
class ContentTest {
  private static final Dim N = Dim.symbol("n");

  private static List<Dim> dims(Object... parts) {
    List<Dim> dims = new ArrayList<>();
    for (Object part : parts) {
      dims.add(part instanceof Dim d ? d : Dim.of((Integer) part));
    }
    return dims;
  }

  /** The content of the output for inputs of these contents, which are of type INT64 unless it is the condition. */
  private static List<Dim> content(String operator, List<List<Dim>> contents, Attribute... attributes) {
    Graph graph = new Model(8, 17).graph();
    List<Value> inputs = new ArrayList<>();
    for (int i = 0; i < contents.size(); i++) {
      DType type = operator.equals("Where") && i == 0 ? DType.BOOL : DType.INT64;
      inputs.add(graph.addValue("in" + i, new TensorType(type, dims(contents.get(i).size()))));
      graph.addInput(inputs.getLast());
    }
    var builder = graph.node(operator).in(inputs.toArray(Value[]::new)).out("out", null);
    for (Attribute attribute : attributes) {
      builder.attribute(attribute);
    }
    Node node = builder.append();
    return Ops.find(node).content(new Inference(node, new Inference.Knowledge() {
      @Override
      public ValueType type(Value value) {
        return value.type();
      }

      @Override
      public Tensor tensor(Value value) {
        return null;
      }

      @Override
      public List<Dim> content(Value value) {
        return contents.get(inputs.indexOf(value));
      }

      @Override
      public List<ValueType> infer(Graph body, List<ValueType> types) {
        return List.of();
      }
    }));
  }

  @Test
  void sumsAndProductsOfSymbols() {
    assertEquals(dims(N.plus(Dim.of(1)), 5), content("Add", List.of(dims(N, 3), dims(1, 2))));
    assertEquals(dims(N.times(Dim.of(4)), 12), content("Mul", List.of(dims(N, 3), dims(4))));
    assertEquals(dims(0, N.minus(Dim.of(3))), content("Sub", List.of(dims(N, N), dims(N, 3))));
  }

  @Test
  void quotientsAreExactWhereThatCanBeSeenAndGoTowardsZero() {
    assertEquals(dims(N, -2), content("Div", List.of(dims(N.times(Dim.of(4)), -9), dims(4))));
    assertNull(content("Div", List.of(dims(N), dims(0))));
  }

  @Test
  void extremesOnlyWhereTheyAreKnown() {
    assertEquals(dims(7, N), content("Max", List.of(dims(7, N), dims(3, N))));
    assertNull(content("Min", List.of(dims(N), dims(3))));
  }

  @Test
  void aDimensionIsNeverEqualToANegativeNumberSoThatWhereChooses() {
    List<Dim> equal = content("Equal", List.of(dims(N, -1, 4), dims(-1, -1, -1)));
    assertEquals(dims(0, 1, 0), equal);
    assertEquals(dims(N, 1, 4), content("Where", List.of(equal, dims(1, 1, 1), dims(N, -1, 4))));
  }

  @Test
  void whatDependsOnTheSymbolStaysUnknown() {
    List<Dim> equal = content("Equal", List.of(dims(N), dims(3)));
    assertTrue(equal.getFirst().isNamed() && !equal.getFirst().equals(N));
    assertEquals(dims(5), content("Where", List.of(equal, dims(5), dims(5))));
  }

  @Test
  void castsBetweenIntegersCarryTheContent() {
    assertEquals(dims(N), content("Cast", List.of(dims(N)), Attribute.of("to", DType.INT32.code())));
    assertNull(content("Cast", List.of(dims(N)), Attribute.of("to", DType.FLOAT.code())));
  }
}
