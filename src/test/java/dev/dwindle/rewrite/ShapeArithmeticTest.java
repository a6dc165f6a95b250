package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shapes that are computed from symbolic shapes by the operators that exporters use for it. */
class ShapeArithmeticTest {
  private final Graph graph = new Model(8, 17).graph();
  private final Value x = input("x", Dim.symbol("batch"), Dim.symbol("time"), Dim.of(8));

  private Value input(String name, Dim... dims) {
    Value value = graph.addValue(name, new TensorType(DType.FLOAT, List.of(dims)));
    graph.addInput(value);
    return value;
  }

  private Value node(String operator, List<Attribute> attributes, Value... inputs) {
    var builder = graph.node(operator).in(inputs).out(operator, null);
    attributes.forEach(builder::attribute);
    return builder.append().output();
  }

  private Value integers(long... values) {
    return graph.addConstant("c", Tensor.of(Shape.of(values.length), values));
  }

  private Value dim(long axis) {
    Value shape = node("Shape", List.of(), x);
    Value one = node("Gather", List.of(), shape, graph.addConstant("i", Tensor.scalar(axis)));
    return node("Unsqueeze", List.of(), one, integers(0));
  }

  private String type(Value value) {
    return ShapeInference.of(graph).tensorType(value).toString();
  }

  @Test
  void reshapeFollowsGatheredDimensions() {
    Value target = node("Concat", List.of(Attribute.of("axis", 0)), dim(0), integers(-1, 2, 4));
    assertEquals("float[batch,time,2,4]", type(node("Reshape", List.of(), x, target)));
    Value merged = node("Concat", List.of(Attribute.of("axis", 0)), integers(-1), dim(-1));
    assertEquals("float[batch*time,8]", type(node("Reshape", List.of(), x, merged)));
    assertEquals("float[batch,8*time]", type(node("Reshape", List.of(), x, integers(0, -1))));
    Value unknown = node("Reshape", List.of(), x, integers(-1, 3));
    assertEquals(2, ShapeInference.of(graph).tensorType(unknown).rank());
  }

  @Test
  void slicesProductsAndSizesOfShapesAreFollowed() {
    Value shape = node("Shape", List.of(), x);
    Value head = node("Slice", List.of(), shape, integers(0), integers(-1));
    assertEquals("float[batch,time]", type(node("ConstantOfShape", List.of(), head)));
    Value all = node("ReduceProd", List.of(), shape);
    assertEquals("float[8*batch*time]", type(node("ConstantOfShape", List.of(), all)));
    Value size = node("Unsqueeze", List.of(), node("Size", List.of(), x), integers(0));
    assertEquals("float[8*batch*time]",
        type(node("Expand", List.of(), graph.addConstant("f", Tensor.scalar(1f)), size)));
    Value steps = node("Range", List.of(), graph.addConstant("a", Tensor.scalar(0L)),
        node("Squeeze", List.of(), dim(1)), graph.addConstant("b", Tensor.scalar(1L)));
    assertEquals("int64[time]", type(steps));
  }

  @Test
  void aSliceOfAnOpenDimensionIsTheSameForTheSameBounds() {
    Value a = node("Slice", List.of(), x, integers(1), integers(Long.MAX_VALUE), integers(1));
    Value b = node("Slice", List.of(), x, integers(1), integers(Long.MAX_VALUE), integers(1));
    assertEquals(type(a), type(b));
    assertEquals("float[batch,time,8]", type(node("Slice", List.of(), x, integers(0), integers(Long.MAX_VALUE),
        integers(1))));
    assertEquals("float[batch,time,5]", type(node("Slice", List.of(), x, integers(-5), integers(99), integers(-1))));
  }
}
