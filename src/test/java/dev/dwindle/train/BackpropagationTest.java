package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients against central differences in double, by the plain meaning, and in ONNX Runtime. */
class BackpropagationTest {
  /** How far an element is moved to see what the loss does, and how near the gradient must be. */
  private record Precision(DType type, double step, double tolerance) {}

  private static final Precision DOUBLE = new Precision(DType.DOUBLE, 1e-5, 1e-6);
  private static final Precision FLOAT = new Precision(DType.FLOAT, 1e-2, 2e-3);
  /** Elements of an input that are moved one by one. */
  private static final int MOVED = 24;

  @TempDir
  Path folder;

  static Stream<GradientCases.Case> cases() {
    return GradientCases.of(5);
  }

  static Stream<GradientCases.Case> someCases() {
    return GradientCases.of(1);
  }

  private static Model differentiated(GradientCases.Case each, DType type) {
    Model model = parsed(each.text(type.text()));
    Graph graph = model.graph();
    if (each.loss() != null) {
      graph.setOutput(0, each.loss().add(graph, graph.value("y"), graph.value("target"), null));
      ShapeInference.of(graph).store();
    }
    return differentiated(model, type);
  }

  private static Model differentiated(String text, DType type) {
    return differentiated(parsed(text), type);
  }

  private static Model parsed(String text) {
    Model model = GraphText.parse("<ir_version: 10, opset_import: [\"\": 21, \"dev.dwindle\": 1]>\n" + text);
    ShapeInference.of(model.graph()).store();
    return model;
  }

  /** With a loss, which weighs the elements of the output differently, and the gradients of all inputs as outputs. */
  private static Model differentiated(Model model, DType type) {
    Graph graph = model.graph();
    Value y = graph.outputs().getFirst();
    Shape shape = y.tensorType().shape();
    double[] weights = new Random(7).doubles(shape.intSize(), -1, 1).toArray();
    Value weighted = graph.node("Mul").in(y, graph.addConstant("weights", Elements.ofDoubles(type, shape, weights)))
        .out("weighted", null).append().output();
    Value loss = graph.node("ReduceSum").in(weighted).attribute(Attribute.of("keepdims", 0))
        .out("total", null).append().output();
    loss.setType(TensorType.of(type, Shape.SCALAR));
    graph.addOutput(loss);
    Backpropagation.prepare(model);
    List<Value> inputs = List.copyOf(graph.inputs());
    Map<Value, Value> gradients = Backpropagation.of(graph, graph.value("total"), inputs);
    graph.retainOutputs(List.of(1));
    for (Value input : inputs) {
      // An output has a name and a producer of its own, whatever the gradient is.
      Value named = graph.node("Identity").in(gradients.get(input)).out("of_" + input.name(), input.type()).append()
          .output();
      graph.addOutput(named);
    }
    graph.removeDead();
    GraphVerifier.verify(graph);
    return model;
  }

  private static Map<String, Tensor> samples(Graph graph, GradientCases.Case each) {
    Random random = new Random(each.toString().hashCode());
    Map<String, Tensor> samples = new LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      Shape shape = input.tensorType().shape();
      samples.put(input.name(), Elements.ofDoubles(input.tensorType().dtype(), shape,
          random.doubles(shape.intSize(), each.low(), each.high()).toArray()));
    }
    return samples;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void equalsCentralDifferences(GradientCases.Case each) {
    Precision precision = each.isInDouble() ? DOUBLE : FLOAT;
    Model model = differentiated(each, precision.type);
    Graph graph = model.graph();
    Map<String, Tensor> samples = samples(graph, each);
    List<Tensor> found = Interpreter.run(graph, samples);
    for (int i = 0; i < graph.inputs().size(); i++) {
      String input = graph.inputs().get(i).name();
      assertEquals(samples.get(input).shape(), found.get(i + 1).shape(), "gradient of " + input);
      double[] values = Elements.doubles(found.get(i + 1));
      int stride = Math.max(1, values.length / MOVED);
      for (int k = 0; k < values.length; k += stride) {
        double up = loss(graph, samples, input, k, precision.step);
        double down = loss(graph, samples, input, k, -precision.step);
        double difference = (up - down) / (2 * precision.step);
        assertEquals(difference, values[k], precision.tolerance * Math.max(1, Math.abs(difference)),
            "gradient of " + input + " at " + k);
      }
    }
  }

  /** The loss where one element of an input is moved by so much. */
  private static double loss(Graph graph, Map<String, Tensor> samples, String input, int element, double by) {
    Map<String, Tensor> moved = new HashMap<>(samples);
    Tensor tensor = samples.get(input);
    double[] values = Elements.doubles(tensor);
    values[element] += by;
    moved.put(input, Elements.ofDoubles(tensor.dtype(), tensor.shape(), values));
    return Elements.doubles(Interpreter.run(graph, moved).getFirst())[0];
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("someCases")
  void kernelsAndOnnxRuntimeComputeTheSame(GradientCases.Case each) throws Exception {
    Model model = differentiated(each, DType.FLOAT);
    Map<String, Tensor> samples = samples(model.graph(), each);
    List<Tensor> plain = Interpreter.run(model.graph(), samples);
    Map<String, Tensor> expected = new LinkedHashMap<>();
    for (int i = 0; i < plain.size(); i++) expected.put(model.graph().outputs().get(i).name(), plain.get(i));
    ShapeInference.of(model.graph()).store();
    Distance.assertClose(each.name() + " on cpu", 1e-4, expected, onCpu(model, samples));
    Backpropagation.standardize(model);
    Distance.assertClose(each.name(), 1e-4, expected,
        Distance.outputs(model, folder.resolve("gradients.onnx"), samples));
  }

  /** Straight through is no true derivative, so that there are no differences to compare with. */
  @ParameterizedTest
  @CsvSource({"'2,4,5', 4, 1", "'3,4', 4, -1", "'4,7', 4, 0", "'4', 4, 0", "'3,5', '', 1", "'3,5', 1, 1"})
  void fakeQuantizationIsTheSameInOnnxRuntime(String shape, String scales, int axis) throws Exception {
    String vector = scales.isEmpty() ? "[]" : "[" + scales + "]";
    String zeros = "4".equals(scales) ? "{1, -2, 0, 3}" : "{1}";
    kernelsAndOnnxRuntimeComputeTheSame(new GradientCases.Case("FakeQuantize", "T[" + shape + "] x, T" + vector + " s",
        "T" + vector + " zero = " + zeros + ", T[] half = {0.5}",
        "h = Sub(x, half) y = dev.dwindle.FakeQuantize <axis = " + axis + ", low = -4, high = 3> (h, s, zero)", 0.1,
        1));
  }

  private static Map<String, Tensor> onCpu(Model model, Map<String, Tensor> samples) {
    try (Backend cpu = new CpuBackend();
        Executable executable = cpu.compile(model.graph(), CompileOptions.DEFAULT);
        Bound bound = executable.bind()) {
      samples.forEach(bound::set);
      bound.run();
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      bound.outputs().forEach((name, value) -> outputs.put(name,
          Elements.ofDoubles(value.dtype(), value.shape(), Elements.doubles(value))));
      return outputs;
    }
  }

  @Test
  void whatTheLossDoesNotDependOnHasZeros() {
    Model model = differentiated("g (double[2] x, double[3] z) => (y) { y = Exp(x) }", DType.DOUBLE);
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(2), 1d, 2d), "z", Tensor.of(Shape.of(3), 1d, 2d, 3d));
    double[] gradient = Interpreter.run(model.graph(), inputs).getLast().doubles();
    assertEquals(List.of(0d, 0d, 0d), Arrays.stream(gradient).boxed().toList());
  }

  @Test
  void equalElementsOfAWindowShareNothing() {
    Model model = differentiated("g (double[1,1,4] x) => (y) { y = MaxPool <kernel_shape = [2], strides = [2]> (x) }",
        DType.DOUBLE);
    double[] gradient = Interpreter.run(model.graph(), Map.of("x", Tensor.of(Shape.of(1, 1, 4), 0d, 0d, 3d, 3d))).get(1)
        .doubles();
    assertTrue(gradient[0] != 0 && gradient[1] == 0 && gradient[2] != 0 && gradient[3] == 0);
  }

  @Test
  void whatHasNoGradientIsNamed() {
    assertRefused("CumSum 'y': has no gradient, expected an operator that has one",
        "g (double[3] x) => (y) <int64[] zero = {0}> { y = CumSum(x, zero) }");
    assertRefused("com.example.Own 's': has no gradient, expected an operator that has one",
        "g (double[3] x) => (double[3] y) { [s] s = com.example.Own(x)  y = Identity(s) }");
    assertRefused("Pad 'y': mode is 'edge', expected constant padding for its gradient",
        "g (double[3] x) => (y) <int64[2] pads = {1, 1}> { y = Pad <mode = \"edge\"> (x, pads) }");
  }

  private static void assertRefused(String message, String text) {
    assertEquals(message,
        assertThrows(InvalidInputException.class, () -> differentiated(text, DType.DOUBLE)).getMessage());
  }

  @Test
  void aLossIsOneNumberOfAFloatingPointType() {
    Graph graph = GraphText.parse("g (double[1] x, int64[] n) => (y, z) { y = Exp(x)  z = Concat <axis = 0> (x, y) }")
        .graph();
    ShapeInference.of(graph).store();
    assertEquals("loss 'z': is a double[2], expected one number",
        assertThrows(InvalidInputException.class,
            () -> Backpropagation.of(graph, graph.value("z"), graph.inputs().subList(0, 1))).getMessage());
    assertEquals("value 'n': is a int64[], expected a floating-point type for its gradient",
        assertThrows(InvalidInputException.class,
            () -> Backpropagation.of(graph, graph.value("y"), graph.inputs())).getMessage());
  }
}
