package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One node in a graph of its own, for tests: it is inferred, evaluated, decomposed. */
final class OneNode {
  private final Graph graph;
  private final String operator;
  private final List<Value> inputs = new ArrayList<>();
  private final Map<String, Tensor> given = new HashMap<>();
  private final List<Attribute> attributes = new ArrayList<>();
  private int outputs = 1;

  /** A node of ONNX's own domain with these inputs; null is an omitted one. */
  OneNode(int opset, String operator, Tensor... tensors) {
    this.graph = new Model(10, opset).graph();
    this.operator = operator;
    for (Tensor tensor : tensors) {
      if (tensor == null) {
        inputs.add(null);
        continue;
      }
      Value value = graph.addValue("in" + inputs.size(), TensorType.of(tensor));
      graph.addInput(value);
      given.put(value.name(), tensor);
      inputs.add(value);
    }
  }

  OneNode with(Attribute attribute) {
    attributes.add(attribute);
    return this;
  }

  OneNode outputs(int count) {
    outputs = count;
    return this;
  }

  /** The only output. */
  Tensor result() {
    return results().getFirst();
  }

  /** The outputs, after their types were found to be those that inference says. */
  List<Tensor> results() {
    Node node = node();
    List<ValueType> types = Ops.find(node).infer(new Inference(node, knowledge()));
    List<Tensor> results = Interpreter.run(graph, given);
    for (int i = 0; i < outputs; i++) {
      TensorType type = (TensorType) types.get(i);
      assertEquals(type.dtype(), results.get(i).dtype(), "element type");
      if (type.isStatic()) {
        assertEquals(type.shape(), results.get(i).shape(), "shape");
      }
    }
    return results;
  }

  /** The outputs of the operators into which the node decomposes. */
  List<Tensor> decomposed() {
    Node node = node();
    List<Value> replacements = Ops.find(node).decompose(new Expansion(node));
    assertNotNull(replacements, operator + " has no decomposition");
    for (int i = 0; i < outputs; i++) {
      graph.replaceUses(node.output(i), replacements.get(i));
    }
    graph.remove(node);
    return Interpreter.run(graph, given);
  }

  private Node node() {
    NodeBuilder builder = graph.node(operator).in(inputs.toArray(Value[]::new));
    attributes.forEach(builder::attribute);
    for (int i = 0; i < outputs; i++) {
      builder.out("out" + i, null);
    }
    Node node = builder.append();
    node.outputs().forEach(graph::addOutput);
    return node;
  }

  /** Types of the inputs are known, and so are their numbers. */
  private Inference.Knowledge knowledge() {
    return new Inference.Knowledge() {
      @Override
      public ValueType type(Value value) {
        return value.type();
      }

      @Override
      public Tensor tensor(Value value) {
        return given.get(value.name());
      }

      @Override
      public List<Dim> content(Value value) {
        return null;
      }

      @Override
      public List<ValueType> infer(Graph body, List<ValueType> types) {
        return Arrays.asList(new ValueType[body.outputs().size()]);
      }
    };
  }
}
