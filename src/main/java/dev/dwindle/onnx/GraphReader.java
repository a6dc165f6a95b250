package dev.dwindle.onnx;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Declaration;
import dev.dwindle.graph.Declaration.Place;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.SparseTensorProto;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.onnx.proto.ValueInfoProto;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;

/** Reads graph messages into graphs, subgraphs included. */
final class GraphReader {
  private final TensorReader tensors;
  private final AttributeReader attributes;

  GraphReader(TensorReader tensors) {
    this.tensors = tensors;
    this.attributes = new AttributeReader(tensors, this);
  }

  AttributeReader attributes() {
    return attributes;
  }

  /** Fills an empty graph; a subgraph must be attached to its node, for it may read the values around it. */
  void read(GraphProto proto, Graph graph) {
    graph.setName(proto.getName());
    for (TensorProto tensor : proto.getInitializerList()) {
      addConstant(graph, tensor.getName(), tensors.read(tensor));
    }
    for (SparseTensorProto tensor : proto.getSparseInitializerList()) {
      addConstant(graph, tensor.getValues().getName(), tensors.read(tensor));
    }
    for (ValueInfoProto input : proto.getInputList()) {
      Value known = graph.value(input.getName());
      Value value = known != null && known.isConstant() ? known : graph.addValue(input.getName(), null);
      graph.addInput(value);
      declare(graph, value, Place.INPUT, input);
    }
    readNodes(graph, proto.getNodeList());
    for (ValueInfoProto output : proto.getOutputList()) {
      Value value = graph.resolve(output.getName());
      if (value == null) {
        throw flaw(graph, "output '" + output.getName() + "' is made by no node");
      }
      graph.addOutput(value);
      declare(graph, value, Place.OUTPUT, output);
    }
    readDeclarations(graph, proto.getValueInfoList());
    GraphProto.Builder rest = proto.toBuilder().clearNode().clearInitializer().clearSparseInitializer().clearInput()
        .clearOutput().clearValueInfo();
    if (!proto.getName().isEmpty()) {
      rest.clearName();
    }
    graph.setExtras(Messages.extras(rest.build()));
  }

  void readDeclarations(Graph graph, List<ValueInfoProto> declarations) {
    for (ValueInfoProto info : declarations) {
      declare(graph, graph.value(info.getName()), Place.INNER, info);
    }
  }

  private static void addConstant(Graph graph, String name, Constant constant) {
    Value value = graph.addValue(name, TensorType.of(constant.tensor()));
    graph.setConstant(value, constant);
  }

  private static void declare(Graph graph, Value value, Place place, ValueInfoProto info) {
    ValueType type = Types.read(info.getType());
    if (value != null && type != null && (value.type() == null || type instanceof TensorType t && !value.isConstant()
        && knowsMore(t, value.tensorType()))) {
      value.setType(type);
    }
    graph.declare(new Declaration(value, place, Messages.extras(info), value == null ? null : value.type()));
  }

  private static boolean knowsMore(TensorType type, TensorType known) {
    return known != null && !known.hasRank() && type.hasRank();
  }

  void readNodes(Graph graph, List<NodeProto> nodes) {
    for (NodeProto node : nodes) {
      read(node, graph);
    }
  }

  private void read(NodeProto proto, Graph graph) {
    NodeBuilder builder = graph.node(proto.getDomain(), proto.getOpType()).name(proto.getName());
    for (String name : proto.getInputList()) {
      builder.in(new Value[] {name.isEmpty() ? null : find(graph, proto, name)});
    }
    for (String name : proto.getOutputList()) {
      builder.out(new Value[] {name.isEmpty() ? null : made(graph, proto, name)});
    }
    Node node = builder.append();
    node.setOverload(proto.getOverload());
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (node.attribute(attribute.getName()) != null) {
        throw flaw(graph, node.label() + " has two attributes '" + attribute.getName() + "'");
      }
      attributes.read(attribute, node);
    }
    NodeProto.Builder rest = proto.toBuilder().clearInput().clearOutput().clearOpType().clearAttribute();
    // A name that is present but empty, or ONNX's own domain written out, stays with the rest.
    if (!proto.getName().isEmpty()) {
      rest.clearName();
    }
    if (!node.domain().isEmpty()) {
      rest.clearDomain();
    }
    if (!proto.getOverload().isEmpty()) {
      rest.clearOverload();
    }
    node.setExtras(attributes.shared(rest.build()));
  }

  private static Value find(Graph graph, NodeProto node, String name) {
    Value value = graph.resolve(name);
    if (value == null) {
      throw flaw(graph, label(node) + " reads '" + name
          + "', expected an input, a constant or an output of a node before it");
    }
    return value;
  }

  private static Value made(Graph graph, NodeProto node, String name) {
    if (graph.value(name) != null) {
      throw flaw(graph, label(node) + " makes '" + name + "', which exists already");
    }
    return graph.addValue(name, null);
  }

  private static String label(NodeProto node) {
    return node.getOpType() + " '" + node.getName() + "'";
  }

  private static InvalidInputException flaw(Graph graph, String what) {
    return new InvalidInputException("graph '" + graph.name() + "': " + what);
  }
}
