package dev.dwindle.onnx;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.graph.Declaration;
import dev.dwindle.graph.Declaration.Place;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.TypeProto;
import dev.dwindle.onnx.proto.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes graphs as messages, subgraphs included. */
final class GraphWriter {
  private final TensorWriter tensors;
  private final AttributeWriter attributes;

  GraphWriter(TensorWriter tensors) {
    this.tensors = tensors;
    this.attributes = new AttributeWriter(tensors, this);
  }

  AttributeWriter attributes() {
    return attributes;
  }

  GraphProto write(Graph graph) {
    GraphProto.Builder proto = Messages.parse(GraphProto.parser(), graph.extras().bytes()).toBuilder();
    if (!graph.name().isEmpty()) {
      proto.setName(graph.name());
    }
    for (Value value : graph.constants()) {
      if (value.constant().form() != null && value.constant().form().storage() == Storage.SPARSE) {
        proto.addSparseInitializer(tensors.sparseInitializer(value.constant(), value.name()));
      } else {
        proto.addInitializer(tensors.initializer(value.constant(), value.name()));
      }
    }
    graph.nodes().forEach(node -> proto.addNode(write(node)));
    proto.addAllInput(declarations(graph, Place.INPUT, graph.inputs()));
    proto.addAllOutput(declarations(graph, Place.OUTPUT, graph.outputs()));
    return proto.addAllValueInfo(inner(graph)).build();
  }

  /** One declaration for each value, also where a value stands several times. */
  private static List<ValueInfoProto> declarations(Graph graph, Place place, List<Value> values) {
    Map<Value, Deque<Declaration>> declared = new HashMap<>();
    graph.declarations().stream().filter(d -> d.place() == place)
        .forEach(d -> declared.computeIfAbsent(d.value(), v -> new ArrayDeque<>()).add(d));
    List<ValueInfoProto> infos = new ArrayList<>();
    for (Value value : values) {
      Deque<Declaration> own = declared.getOrDefault(value, new ArrayDeque<>());
      infos.add(declaration(value, own.poll()));
    }
    return infos;
  }

  /** The declarations of values that are neither inputs nor outputs, as far as those still exist. */
  List<ValueInfoProto> inner(Graph graph) {
    List<ValueInfoProto> infos = new ArrayList<>();
    for (Declaration d : graph.declarations()) {
      Value value = d.value();
      if (d.place() == Place.INNER && (value == null || graph.value(value.name()) == value)) {
        infos.add(value == null ? Messages.parse(ValueInfoProto.parser(), d.message().bytes()) : declaration(value, d));
      }
    }
    return infos;
  }

  /** The file's own declaration where it still holds, else one of the type that the value has. */
  private static ValueInfoProto declaration(Value value, Declaration declared) {
    ValueInfoProto.Builder info = declared == null ? ValueInfoProto.newBuilder()
        : Messages.parse(ValueInfoProto.parser(), declared.message().bytes()).toBuilder();
    if (!info.getName().equals(value.name())) {
      info.setName(value.name());
    }
    ValueType type = value.type();
    if (type != null && (declared == null || !Objects.equals(type, declared.type()))) {
      TypeProto.Builder changed = Types.write(type).toBuilder();
      if (info.getType().hasDenotation()) {
        changed.setDenotation(info.getType().getDenotation());
      }
      info.setType(changed);
    }
    return info.build();
  }

  NodeProto write(Node node) {
    NodeProto.Builder proto = Messages.parse(NodeProto.parser(), node.extras().bytes()).toBuilder();
    node.inputs().forEach(v -> proto.addInput(v == null ? "" : v.name()));
    node.outputs().forEach(v -> proto.addOutput(v == null ? "" : v.name()));
    proto.setOpType(node.operator());
    if (!node.name().isEmpty()) {
      proto.setName(node.name());
    }
    if (!node.domain().isEmpty()) {
      proto.setDomain(node.domain());
    }
    if (!node.overload().isEmpty()) {
      proto.setOverload(node.overload());
    }
    for (Attribute attribute : node.attributes()) {
      proto.addAttribute(attributes.write(attribute));
    }
    return proto.build();
  }
}
