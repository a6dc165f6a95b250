package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.dwindle.backend.cpu.OrtModel;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.Decomposition;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A model of one node that ONNX Runtime judges: run by its plain meaning, by its decomposition, and by the judge. */
final class JudgedNode {
  private final Model model;
  private final Graph graph;
  private final NodeBuilder node;
  private final StringBuilder title;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private int outputs = 1;

  JudgedNode(int opset, String operator) {
    model = new Model(8, opset);
    graph = model.graph();
    node = graph.node(operator).name("it");
    title = new StringBuilder(operator + "-" + opset);
  }

  JudgedNode with(String name, long value) {
    return with(Attribute.of(name, value), value);
  }

  JudgedNode with(String name, float value) {
    return with(Attribute.of(name, value), value);
  }

  JudgedNode with(String name, String value) {
    return with(Attribute.of(name, value), value);
  }

  JudgedNode with(String name, List<String> values) {
    return with(Attribute.of(name, values), values);
  }

  JudgedNode with(String name, long... values) {
    return with(Attribute.of(name, values), Arrays.toString(values));
  }

  JudgedNode with(String name, float... values) {
    return with(Attribute.of(name, values), Arrays.toString(values));
  }

  private JudgedNode with(Attribute attribute, Object value) {
    node.attribute(attribute);
    title.append(' ').append(attribute.name()).append('=').append(value);
    return this;
  }

  /** An input of the model. */
  JudgedNode input(Tensor tensor) {
    Value value = graph.addValue("x" + inputs.size(), TensorType.of(tensor));
    graph.addInput(value);
    inputs.put(value.name(), tensor);
    node.in(value);
    title.append(' ').append(tensor);
    return this;
  }

  /** An input that the model holds. */
  JudgedNode held(Tensor tensor) {
    node.in(graph.addConstant("c", tensor));
    title.append(' ').append(tensor);
    return this;
  }

  JudgedNode omitted() {
    node.in((Value) null);
    title.append(" -");
    return this;
  }

  JudgedNode outputs(int count) {
    outputs = count;
    return this;
  }

  /** Puts the node into the graph. */
  JudgedNode done() {
    for (int i = 0; i < outputs; i++) {
      node.out("y" + i, null);
    }
    node.append().outputs().forEach(graph::addOutput);
    return this;
  }

  List<Tensor> run() {
    return Interpreter.run(graph, inputs);
  }

  Tensor result() {
    return run().getFirst();
  }

  /** What ONNX Runtime makes of the same model. */
  List<Tensor> onnxRuntime(Path folder) throws OrtException {
    ShapeInference.of(graph).store();
    Path file = folder.resolve("model.onnx");
    OnnxWriter.write(model, file);
    try (OrtModel session = new OrtModel(file, 1, inputs)) {
      return new ArrayList<>(session.outputs().values());
    }
  }

  /** The plain meaning gives what ONNX Runtime gives, up to a fraction of each output's greatest magnitude. */
  void assertAgrees(Path folder, double fraction) throws OrtException {
    List<Tensor> expected = onnxRuntime(folder);
    List<Tensor> found = run();
    assertShapes(found);
    for (int i = 0; i < expected.size(); i++) {
      assertNear(title + ", output " + i, expected.get(i), found.get(i), fraction);
    }
  }

  /** As {@link #assertAgrees}, for integers and shapes that depend on data. */
  void assertAgreesUnshaped(Path folder) throws OrtException {
    List<Tensor> expected = onnxRuntime(folder);
    for (int i = 0; i < expected.size(); i++) {
      assertNear(title + ", output " + i, expected.get(i), run().get(i), 0);
    }
  }

  /** Every output is of the type that was inferred from the shapes of the inputs. */
  void assertShapes(List<Tensor> found) {
    var types = ShapeInference.of(graph);
    for (int i = 0; i < outputs; i++) {
      assertEquals(found.get(i).toString(), types.tensorType(graph.outputs().get(i)).toString(), title.toString());
    }
  }

  /** The node has a decomposition, and it means the same. */
  void assertDecomposes(double fraction) {
    List<Tensor> expected = run();
    ShapeInference.of(graph).store();
    assertTrue(Decomposition.decompose(graph, n -> true) > 0, title + " has no decomposition");
    List<Tensor> found = run();
    for (int i = 0; i < outputs; i++) {
      assertNear(title + ", output " + i, expected.get(i), found.get(i), fraction);
    }
  }

  static void assertNear(String where, Tensor expected, Tensor found, double fraction) {
    assertEquals(expected.toString(), found.toString(), where);
    double[] a = Elements.doubles(expected);
    double[] b = Elements.doubles(found);
    double greatest = 1e-3;
    for (double value : a) {
      greatest = Math.max(greatest, Double.isFinite(value) ? Math.abs(value) : 0);
    }
    for (int i = 0; i < a.length; i++) {
      boolean same = a[i] == b[i] || (Double.isNaN(a[i]) && Double.isNaN(b[i]));
      assertTrue(same || Math.abs(a[i] - b[i]) <= fraction * greatest,
          where + ", element " + i + ": expected " + a[i] + ", found " + b[i]);
    }
  }

  /** Numbers from -1 to 1. */
  static Tensor floats(Random random, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return Tensor.of(shape, values);
  }

  @Override
  public String toString() {
    return title.toString();
  }
}
