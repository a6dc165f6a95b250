package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Geometry and errors of convolutions, pools, products and resizes. */
class WindowsTest {
  private static Tensor ones(long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[shape.intSize()];
    Arrays.fill(values, 1);
    return Tensor.of(shape, values);
  }

  private static Attribute ints(String name, long... values) {
    return Attribute.of(name, values);
  }

  private static void assertRefused(String message, OneNode node) {
    assertEquals(message, assertThrows(InvalidInputException.class, node::result).getMessage());
  }

  @Test
  void unevenPadsCountWhatLiesInside() {
    Tensor y = new OneNode(17, "Conv", ones(1, 1, 3), ones(1, 1, 3)).with(ints("pads", 2, 1)).result();
    assertArrayEquals(new float[] {1, 2, 3, 2}, y.floats());
  }

  @Test
  void evenKernelsPadMoreAtOneEnd() {
    Tensor x = Tensor.of(Shape.of(1, 1, 3), 1f, 2f, 3f);
    Tensor upper = new OneNode(17, "Conv", x, ones(1, 1, 2)).with(Attribute.of("auto_pad", "SAME_UPPER")).result();
    Tensor lower = new OneNode(17, "Conv", x, ones(1, 1, 2)).with(Attribute.of("auto_pad", "SAME_LOWER")).result();
    assertArrayEquals(new float[] {3, 5, 3}, upper.floats());
    assertArrayEquals(new float[] {1, 3, 5}, lower.floats());
  }

  @Test
  void anEmptyBatchGivesAnEmptyBatch() {
    assertEquals(Shape.of(0, 4, 3, 3), new OneNode(17, "Conv", ones(0, 2, 5, 5), ones(4, 2, 3, 3)).result().shape());
    assertEquals(Shape.of(0, 2, 4, 4), new OneNode(17, "MaxPool", ones(0, 2, 5, 5))
        .with(ints("kernel_shape", 2, 2)).result().shape());
    assertEquals(Shape.of(0, 5), new OneNode(17, "MatMul", ones(0, 3), ones(3, 5)).result().shape());
    assertEquals(Shape.of(0, 2, 10, 5), new OneNode(17, "Resize", ones(0, 2, 5, 5), null,
        Tensor.of(Shape.of(4), 1f, 1f, 2f, 1f)).result().shape());
  }

  @Test
  void anEmptyInnerAxisSumsToZero() {
    Tensor y = new OneNode(17, "MatMul", ones(2, 0), ones(0, 3)).result();
    assertArrayEquals(new float[6], y.floats());
  }

  @Test
  void theWindowThatWouldBeginInThePaddingIsLeftOut() {
    Tensor y = new OneNode(22, "AveragePool", ones(1, 1, 4)).with(ints("kernel_shape", 3)).with(ints("strides", 3))
        .with(ints("pads", 0, 2)).with(Attribute.of("ceil_mode", 1)).with(Attribute.of("count_include_pad", 1))
        .result();
    assertEquals(Shape.of(1, 1, 2), y.shape());
    assertArrayEquals(new float[] {1, 1 / 3f}, y.floats());
    Tensor one = new OneNode(22, "MaxPool", ones(1, 1, 2)).with(ints("kernel_shape", 1)).with(ints("strides", 3))
        .with(ints("pads", 0, 0)).with(Attribute.of("ceil_mode", 1)).result();
    assertEquals(Shape.of(1, 1, 1), one.shape());
  }

  @Test
  void badConvolutionsAreToldInOneLine() {
    assertRefused("Conv 'out0': input has 3 channels, weights are [4, 2, ...], "
        + "expected [a multiple of 1, 3 / 1, ...]", new OneNode(17, "Conv", ones(1, 3, 5), ones(4, 2, 3)));
    assertRefused(
        "Conv 'out0': spatial axis 0 has size 2 with padding 0, expected at least the 3 that the kernel spans",
        new OneNode(17, "Conv", ones(1, 2, 2), ones(4, 2, 3)));
    assertRefused("Conv 'out0': pads has 3 entries, expected 2",
        new OneNode(17, "Conv", ones(1, 2, 5), ones(4, 2, 3)).with(ints("pads", 1, 1, 1)));
    assertRefused("Conv 'out0': strides is [0], expected entries of 1 or more",
        new OneNode(17, "Conv", ones(1, 2, 5), ones(4, 2, 3)).with(ints("strides", 0)));
    assertRefused("Conv 'out0': kernel_shape is [5], but the weights have [3]",
        new OneNode(17, "Conv", ones(1, 2, 5), ones(4, 2, 3)).with(ints("kernel_shape", 5)));
    assertRefused("Conv 'out0': auto_pad is 'SAME', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER",
        new OneNode(17, "Conv", ones(1, 2, 5), ones(4, 2, 3)).with(Attribute.of("auto_pad", "SAME")));
    assertRefused("Conv 'out0': group is 0, expected 1 or more",
        new OneNode(17, "Conv", ones(1, 2, 5), ones(4, 2, 3)).with(Attribute.of("group", 0)));
    assertRefused("MaxPool 'out0': attribute 'kernel_shape' is missing", new OneNode(17, "MaxPool", ones(1, 2, 5)));
  }

  @Test
  void badProductsAreToldInOneLine() {
    assertRefused("MatMul 'out0': inputs of shapes [2, 3] and [4, 5], expected the last axis of the first "
        + "as long as the last but one of the second", new OneNode(17, "MatMul", ones(2, 3), ones(4, 5)));
    assertRefused("Gemm 'out0': C has shape [4], expected one that broadcasts to [2,5]",
        new OneNode(17, "Gemm", ones(2, 3), ones(3, 5), ones(4)));
  }

  @Test
  void sizesStaySymbolic() {
    Graph graph = new Model(8, 17).graph();
    Value x = graph.addValue("x", new TensorType(DType.FLOAT,
        List.of(Dim.symbol("n"), Dim.of(3), Dim.symbol("h"), Dim.symbol("w"))));
    graph.addInput(x);
    Value w = graph.addConstant("w", ones(8, 3, 3, 3));
    Node conv = graph.node("Conv").in(x, w).attribute(ints("pads", 1, 1, 0, 0)).attribute(ints("strides", 1, 2))
        .out("y", null).append();
    Node same = graph.node("Conv").in(x, w).attribute(Attribute.of("auto_pad", "SAME_UPPER")).out("y", null).append();
    Node pool = graph.node("MaxPool").in(same.output()).attribute(ints("kernel_shape", 2, 2))
        .attribute(ints("strides", 2, 2)).out("y", null).append();
    var types = ShapeInference.of(graph);
    assertEquals("float[n,8,h-1,floor((w-2)/2)+1]", types.tensorType(conv.output()).toString());
    assertEquals("float[n,8,h,w]", types.tensorType(same.output()).toString());
    assertTrue(types.tensorType(pool.output()).toString().startsWith("float[n,8,floor("));
  }
}
