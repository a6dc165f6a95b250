package dev.dwindle.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Support;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Node;
import dev.dwindle.onnx.OnnxTensors;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.ConformanceResult;
import dev.dwindle.result.ConformanceResult.Outcome;
import dev.dwindle.result.ConformanceResult.Status;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceTest {
  private static final Tensor PAIR = Tensor.of(Shape.of(2), 1f, 2f);

  @TempDir
  Path folder;

  /** Writes a test whose data set has these inputs and outputs. */
  private Path test(String name, String graph, List<Tensor> inputs, List<Tensor> outputs) throws IOException {
    Path set = Files.createDirectories(folder.resolve(name).resolve("test_data_set_0"));
    OnnxWriter.write(GraphText.parse(graph), folder.resolve(name).resolve("model.onnx"));
    for (int i = 0; i < inputs.size(); i++) {
      OnnxTensors.write("", inputs.get(i), set.resolve("input_" + i + ".pb"));
    }
    for (int i = 0; i < outputs.size(); i++) {
      OnnxTensors.write("", outputs.get(i), set.resolve("output_" + i + ".pb"));
    }
    return folder.resolve(name);
  }

  private Outcome outcome(String graph, Tensor input, Tensor output) throws IOException {
    return new Conformance(Conformance.plain()).test(test("test_one", graph, List.of(input), List.of(output)));
  }

  @Test
  void aRightAnswerPassesAndAWrongOneNamesTheElement() throws IOException {
    String identity = "g (float[2] x) => (float[2] y) { y = Identity(x) }";
    assertEquals(Outcome.PASSED, outcome(identity, PAIR, PAIR));
    assertEquals(Outcome.PASSED, outcome(identity, PAIR, Tensor.of(Shape.of(2), 1.0005f, 2f)));
    assertEquals(Outcome.failed("output 0 'y' differs in 1 of 2 elements; element 1 is 2.0, expected 2.5"),
        outcome(identity, PAIR, Tensor.of(Shape.of(2), 1f, 2.5f)));
    assertEquals(Outcome.failed("output 0 'y' is float[2], expected float[2,1]"),
        outcome(identity, PAIR, Tensor.of(Shape.of(2, 1), 1f, 2f)));
    assertEquals(Outcome.failed("output 0 'y' is float[2], expected int32[2]"),
        outcome(identity, PAIR, Tensor.of(Shape.of(2), 1, 2)));
  }

  @Test
  void notANumberAndInfinityAreEqualToThemselvesOnly() throws IOException {
    String identity = "g (float[2] x) => (float[2] y) { y = Identity(x) }";
    Tensor odd = Tensor.of(Shape.of(2), Float.NaN, Float.NEGATIVE_INFINITY);
    assertEquals(Outcome.PASSED, outcome(identity, odd, odd));
    assertEquals(Status.FAIL, outcome(identity, odd, Tensor.of(Shape.of(2), Float.NaN, -1e38f)).status());
    assertEquals(Status.FAIL, outcome(identity, PAIR, odd).status());
    assertEquals(Status.FAIL, outcome(identity, odd, Tensor.of(Shape.of(2), 0, Float.NEGATIVE_INFINITY)).status());
  }

  @Test
  void integersAreExactUnlessAnOperatorQuantizes() throws IOException {
    Tensor found = Tensor.of(DType.UINT8, Shape.of(2), (byte) 1, (byte) 2);
    Tensor near = Tensor.of(DType.UINT8, Shape.of(2), (byte) 1, (byte) 3);
    assertEquals(Status.FAIL, outcome("g (uint8[2] x) => (uint8[2] y) { y = Identity(x) }", found, near).status());
    String quantized = "g (float[2] x) => (uint8[2] y) <float[] s = {1}, uint8[] z = {0}> { y = QuantizeLinear(x, s, z) }";
    assertEquals(Outcome.PASSED, outcome(quantized, PAIR, near));
    assertEquals(Status.FAIL,
        outcome(quantized, PAIR, Tensor.of(DType.UINT8, Shape.of(2), (byte) 1, (byte) 4)).status());
  }

  @Test
  void whatIsBeyondUsIsUnsupportedWithTheReason() throws IOException {
    assertEquals(Outcome.unsupported("operator some.domain.Odd version 0"),
        outcome("g (float[2] x) => (y) { y = some.domain.Odd(x) }", PAIR, PAIR));
    assertEquals(Outcome.unsupported("strings"), outcome("g (string[2] x) => (y) { y = Identity(x) }", PAIR, PAIR));
    assertEquals(Outcome.unsupported("strings"),
        outcome("g (float[2] x) => (y) { y = Cast <to = 8> (x) }", PAIR, PAIR));
    assertEquals(Outcome.unsupported("value 'x' is no tensor"),
        outcome("g (seq(float[2]) x) => (y) { y = Identity(x) }", PAIR, PAIR));
    String dropout = "g (float[2] x) => (y) <float[] ratio = {%s}, bool[] training = {1}> { y = Dropout(x, ratio, training) }";
    assertEquals(Outcome.unsupported("random operator Dropout in training mode"),
        outcome(dropout.formatted("0.5"), PAIR, PAIR));
    assertEquals(Outcome.PASSED, outcome(dropout.formatted("0"), PAIR, PAIR));
  }

  @Test
  void aDeviceMaySayNoOrFall() throws IOException {
    Path test = test("test_one", "g (float[2] x) => (float[2] y) { y = Identity(x) }", List.of(PAIR), List.of(PAIR));
    assertEquals(Outcome.unsupported("not here"), new Conformance(runner(Support.no("not here"))).test(test));
    Outcome fallen = new Conformance(runner(Support.YES)).test(test);
    assertEquals(Status.FAIL, fallen.status());
    assertTrue(fallen.reason().startsWith("java.lang.IllegalStateException: broken at "), fallen.reason());
  }

  private static Conformance.Runner runner(Support support) {
    return new Conformance.Runner() {
      @Override
      public Support supports(Node node) {
        return support;
      }

      @Override
      public Conformance.Run run(Graph graph, Map<String, Tensor> inputs) {
        throw new IllegalStateException("broken");
      }
    };
  }

  @Test
  void aFolderIsRunInOrderOfNames() throws IOException {
    String identity = "g (float[2] x) => (float[2] y) { y = Identity(x) }";
    test("test_b", identity, List.of(PAIR), List.of(PAIR));
    test("test_a", identity, List.of(PAIR), List.of(Tensor.of(Shape.of(2), 0f, 0f)));
    test("test_c", identity, List.of(PAIR), List.of(PAIR));
    Conformance conformance = new Conformance(Conformance.plain());
    ConformanceResult result = conformance.run(folder, name -> !name.equals("test_c"), Progress.SILENT);
    assertEquals(List.of("test_a", "test_b"), List.copyOf(result.tests().keySet()));
    assertEquals(1, result.count(Status.PASS));
    assertEquals(1, result.count(Status.FAIL));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertTrue(assertThrows(InvalidInputException.class,
        () -> conformance.run(empty, name -> true, Progress.SILENT)).getMessage()
        .startsWith(empty + ": found no test_"));
  }
}
