package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.Attribute;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Elementwise composites mean the same after decomposition, far out as well as near zero. */
class DecompositionTest {
  private static final double[] POINTS = {-120, -20, -6.5, -3, -1, -0.4, -1e-3, 0, 1e-3, 0.3, 0.5, 1, 2, 7, 30, 120};

  private static Tensor points(DType type) {
    return Elements.ofDoubles(type, Shape.of(2, POINTS.length / 2), POINTS.clone());
  }

  private static void assertSame(OneNode whole, OneNode parts, double tolerance) {
    List<Tensor> expected = whole.results();
    List<Tensor> found = parts.decomposed();
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).dtype(), found.get(i).dtype());
      assertEquals(expected.get(i).shape(), found.get(i).shape());
      double[] a = Elements.doubles(expected.get(i));
      double[] b = Elements.doubles(found.get(i));
      for (int k = 0; k < a.length; k++) {
        assertEquals(a[k], b[k], tolerance * (1 + Math.abs(a[k])), "element " + k);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LeakyRelu", "Elu", "Celu", "Selu", "ThresholdedRelu", "HardSigmoid", "HardSwish", "Softplus",
      "Softsign", "Mish", "Gelu", "Swish", "Shrink", "Reciprocal", "Sum", "Mean"})
  void ofOneTensor(String operator) {
    for (DType type : new DType[] {DType.FLOAT, DType.DOUBLE, DType.FLOAT16}) {
      Tensor x = points(type);
      double tolerance = type == DType.FLOAT16 ? 4e-3 : type == DType.FLOAT ? 2e-6 : 1e-12;
      if (operator.equals("Reciprocal")) {
        x = Elements.ofDoubles(type, Shape.of(3), new double[] {-4, 0.5, 3});
      }
      assertSame(new OneNode(24, operator, x), new OneNode(24, operator, x), tolerance);
    }
  }

  @ParameterizedTest
  @CsvSource({"Elu,alpha,0.5", "Celu,alpha,2.5", "LeakyRelu,alpha,0.2", "ThresholdedRelu,alpha,0.3", "Swish,alpha,1.7",
      "HardSigmoid,alpha,0.4", "HardSigmoid,beta,0.1", "Selu,gamma,2", "Shrink,bias,0.25", "Shrink,lambd,2"})
  void ofOneTensorWithAnAttribute(String operator, String name, float value) {
    Attribute attribute = Attribute.of(name, value);
    Tensor x = points(DType.FLOAT);
    assertSame(new OneNode(24, operator, x).with(attribute), new OneNode(24, operator, x).with(attribute), 2e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GreaterOrEqual", "LessOrEqual", "Sum", "Mean", "PRelu", "SwiGLU"})
  void ofTwoTensors(String operator) {
    Tensor a = points(DType.FLOAT);
    Tensor b = Tensor.of(Shape.of(2, 8), 1f, -20f, 3f, -3f, 0.5f, -0.4f, 0f, 2f, 0f, 0.25f, 1f, 1f, -1f, -7f, 30f, 2f);
    assertSame(new OneNode(28, operator, a, b), new OneNode(28, operator, a, b), 1e-6);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 22, 28})
  void ofGeluByTanh(int opset) {
    Attribute tanh = Attribute.of("approximate", "tanh");
    Tensor x = points(DType.FLOAT);
    assertSame(new OneNode(opset, "Gelu", x).with(tanh), new OneNode(opset, "Gelu", x).with(tanh), 2e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1,0,2.5", "3,4,5", "-3,-2,-1", "0,0,0"})
  void ofDynamicQuantizeLinear(String numbers) {
    String[] parts = numbers.split(",");
    float[] x = new float[parts.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.parseFloat(parts[i]);
    }
    Tensor input = Tensor.of(Shape.of(x.length), x);
    List<Tensor> whole = new OneNode(13, "DynamicQuantizeLinear", input).outputs(3).results();
    List<Tensor> found = new OneNode(13, "DynamicQuantizeLinear", input).outputs(3).decomposed();
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(whole.get(i).bytes(), found.get(i).bytes(), "output " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"INT8,1", "FLOAT16,2", "BOOL,1"})
  void ofCastLike(DType to, int bytes) {
    Tensor x = Tensor.of(Shape.of(3), 1f, 0f, -2.7f);
    Tensor like = Tensor.of(to, Shape.of(1), new byte[bytes]);
    assertSame(new OneNode(19, "CastLike", x, like), new OneNode(19, "CastLike", x, like), 0);
  }
}
