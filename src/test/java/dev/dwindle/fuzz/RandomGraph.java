package dev.dwindle.fuzz;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Interpreter;
import dev.dwindle.op.Ops;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A valid graph grown node by node from a seed. Each node is evaluated as it is made, so that the next one knows shapes
 * and numbers; what gives numbers that are not finite, or very large, is taken back.
 */
final class RandomGraph {
  static final int OPSET = 17;
  private static final double MOST = 1e4;

  private final Model model = new Model(8, OPSET);
  private final Random random;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<Value, Tensor> known = new HashMap<>();
  private final List<Value> floats = new ArrayList<>();

  private RandomGraph(long seed) {
    this.random = new Random(seed);
  }

  /** The graph of this seed, with so many nodes at least. */
  static RandomGraph of(long seed, int nodes) {
    RandomGraph made = new RandomGraph(seed);
    made.graph().setName("g" + seed);
    for (int i = made.random.nextInt(3); i >= 0; i--) {
      made.addInput("x" + i);
    }
    while (made.graph().nodes().size() < nodes) {
      RandomNodes.add(made);
    }
    made.addOutputs();
    return made;
  }

  Model model() {
    return model;
  }

  Graph graph() {
    return model.graph();
  }

  Random random() {
    return random;
  }

  /** Values for the inputs. */
  Map<String, Tensor> inputs() {
    return inputs;
  }

  /** The first axis of some inputs is a symbol. */
  private void addInput(String name) {
    long[] dims = new long[1 + random.nextInt(4)];
    Arrays.setAll(dims, i -> 1 + random.nextInt(i == 1 ? 6 : 4));
    Shape shape = Shape.of(dims);
    List<Dim> declared = new ArrayList<>(TensorType.of(DType.FLOAT, shape).dims());
    if (random.nextBoolean()) {
      declared.set(0, Dim.symbol("N" + name));
    }
    Value value = graph().addValue(name, new TensorType(DType.FLOAT, declared));
    graph().addInput(value);
    Tensor tensor = Tensor.of(shape, numbers(shape.intSize()));
    inputs.put(name, tensor);
    keep(value, tensor);
  }

  /** What nothing reads is an output, and sometimes one more. */
  private void addOutputs() {
    for (Value value : floats) {
      if (value.producer() != null && (value.isUnused() || random.nextInt(12) == 0)) {
        graph().addOutput(value);
      }
    }
  }

  private void keep(Value value, Tensor tensor) {
    known.put(value, tensor);
    if (tensor.dtype() == DType.FLOAT) {
      floats.add(value);
    }
  }

  /** A value of the graph with floats. */
  Value some() {
    return floats.get(Math.max(random.nextInt(floats.size()), random.nextInt(floats.size())));
  }

  Tensor tensor(Value value) {
    return known.get(value);
  }

  Shape shape(Value value) {
    return known.get(value).shape();
  }

  /** A constant of random floats. */
  Value weights(long... dims) {
    Shape shape = Shape.of(dims);
    return constant(Tensor.of(shape, numbers(shape.intSize())));
  }

  Value longs(long... values) {
    return constant(Tensor.of(Shape.of(values.length), values));
  }

  Value constant(Tensor tensor) {
    Value value = graph().addConstant("c", tensor);
    known.put(value, tensor);
    return value;
  }

  float[] numbers(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextInt(64) / 16f - 2;
    }
    return numbers;
  }

  /** A node, and its first output; null where it was taken back. */
  Value node(String operator, List<Attribute> attributes, Value... given) {
    return node(operator, 1, attributes, given);
  }

  Value node(String operator, int outputs, List<Attribute> attributes, Value... given) {
    NodeBuilder builder = graph().node(operator).in(given);
    attributes.forEach(builder::attribute);
    for (int i = 0; i < outputs; i++) {
      builder.out("v", null);
    }
    Node node = builder.append();
    List<Tensor> tensors = new ArrayList<>();
    node.inputs().forEach(v -> tensors.add(v == null ? null : known.get(v)));
    List<Tensor> results = Ops.find(node).evaluate(new Evaluation(node, tensors,
        (body, bodyInputs) -> Interpreter.run(body, Map.of())));
    if (!results.stream().limit(outputs).allMatch(RandomGraph::isModest)) {
      graph().remove(node);
      return null;
    }
    for (int i = 0; i < outputs; i++) {
      keep(node.output(i), results.get(i));
    }
    return node.output();
  }

  private static boolean isModest(Tensor tensor) {
    return tensor.size() <= 20_000 && (!tensor.dtype().isFloating()
        || Arrays.stream(Elements.doubles(tensor)).allMatch(v -> Math.abs(v) <= MOST));
  }
}
