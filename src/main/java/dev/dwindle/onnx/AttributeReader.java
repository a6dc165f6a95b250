package dev.dwindle.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Attribute.Content;
import dev.dwindle.graph.Extras;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.AttributeProto.AttributeType;
import dev.dwindle.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads attribute messages (ONNX IR, "AttributeProto"). */
final class AttributeReader {
  private final TensorReader tensors;
  private final GraphReader graphs;
  private final Map<ByteString, Extras> known = new HashMap<>();

  AttributeReader(TensorReader tensors, GraphReader graphs) {
    this.tensors = tensors;
    this.graphs = graphs;
  }

  /** Gives a node the attribute. */
  void read(AttributeProto proto, Node node) {
    try {
      AttributeType kind = proto.getRefAttrName().isEmpty() ? kind(proto) : AttributeType.UNDEFINED;
      switch (kind) {
        case GRAPH -> readGraph(proto, node);
        case GRAPHS -> readGraphs(proto, node);
        default -> node.setAttribute(read(proto));
      }
    } catch (InvalidInputException e) {
      throw new InvalidInputException(
          node.label() + ", attribute '" + proto.getName() + "': " + e.getMessage(), e);
    }
  }

  /** An attribute that holds no graph. */
  Attribute read(AttributeProto proto) {
    AttributeProto.Builder rest = proto.toBuilder();
    if (proto.hasType()) {
      // Otherwise the name stays with the rest: so the writer tells an attribute without a type from a new one.
      rest.clearName();
    }
    Content content = content(proto, rest);
    return new Attribute(proto.getName(), content, rest(proto, rest));
  }

  /** What is left; no tensor or graph may be, for their large data is not in the message. */
  private Extras rest(AttributeProto proto, AttributeProto.Builder rest) {
    if (rest.hasT() || rest.hasG() || rest.getGraphsCount() > 0) {
      throw new InvalidInputException("found a tensor or graph, expected only what type " + proto.getType() + " says");
    }
    return shared(rest.build());
  }

  /** The content, which is taken out of the rest; a present zero stays there, to tell it from an absent one. */
  private Content content(AttributeProto proto, AttributeProto.Builder rest) {
    if (!proto.getRefAttrName().isEmpty()) {
      rest.clearRefAttrName();
      return new Attribute.Reference(proto.getRefAttrName());
    }
    return switch (kind(proto)) {
      case FLOAT -> {
        if (Float.floatToRawIntBits(proto.getF()) != 0) {
          rest.clearF();
        }
        yield new Attribute.FloatValue(proto.getF());
      }
      case INT -> {
        if (proto.getI() != 0) {
          rest.clearI();
        }
        yield new Attribute.IntValue(proto.getI());
      }
      case STRING -> {
        if (!proto.getS().isEmpty()) {
          rest.clearS();
        }
        yield new Attribute.StringValue(proto.getS().toByteArray());
      }
      case TENSOR -> {
        rest.clearT();
        yield new Attribute.TensorValue(tensors.read(proto.getT()));
      }
      case SPARSE_TENSOR -> {
        rest.clearSparseTensor();
        yield new Attribute.TensorValue(tensors.read(proto.getSparseTensor()));
      }
      case FLOATS -> {
        rest.clearFloats();
        yield new Attribute.FloatValues(floats(proto));
      }
      case INTS -> {
        rest.clearInts();
        yield new Attribute.IntValues(proto.getIntsList().stream().mapToLong(Long::longValue).toArray());
      }
      case STRINGS -> {
        rest.clearStrings();
        yield new Attribute.StringValues(proto.getStringsList().stream().map(ByteString::toByteArray).toList());
      }
      default -> new Attribute.Foreign();
    };
  }

  private static float[] floats(AttributeProto proto) {
    float[] values = new float[proto.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = proto.getFloats(i);
    }
    return values;
  }

  private void readGraph(AttributeProto proto, Node node) {
    Graph graph = Graph.subgraphOf(node.graph());
    Extras rest = rest(proto, proto.toBuilder().clearName().clearG());
    // The graph is filled when it stands in its node, from where it sees the values around it.
    node.setAttribute(new Attribute(proto.getName(), new Attribute.GraphValue(graph), rest));
    graphs.read(proto.getG(), graph);
  }

  private void readGraphs(AttributeProto proto, Node node) {
    List<Graph> list = new ArrayList<>();
    proto.getGraphsList().forEach(g -> list.add(Graph.subgraphOf(node.graph())));
    Extras rest = rest(proto, proto.toBuilder().clearName().clearGraphs());
    node.setAttribute(new Attribute(proto.getName(), new Attribute.GraphValues(List.copyOf(list)), rest));
    for (int i = 0; i < list.size(); i++) {
      graphs.read(proto.getGraphs(i), list.get(i));
    }
  }

  /** What the attribute holds; the oldest files do not say. */
  private static AttributeType kind(AttributeProto proto) {
    if (proto.hasType() && proto.getType() != AttributeType.UNDEFINED) {
      return proto.getType();
    }
    if (proto.hasF()) {
      return AttributeType.FLOAT;
    } else if (proto.hasI()) {
      return AttributeType.INT;
    } else if (proto.hasS()) {
      return AttributeType.STRING;
    } else if (proto.hasT()) {
      return AttributeType.TENSOR;
    } else if (proto.hasG()) {
      return AttributeType.GRAPH;
    } else if (proto.getFloatsCount() > 0) {
      return AttributeType.FLOATS;
    } else if (proto.getIntsCount() > 0) {
      return AttributeType.INTS;
    } else if (proto.getStringsCount() > 0) {
      return AttributeType.STRINGS;
    }
    return proto.getGraphsCount() > 0 ? AttributeType.GRAPHS : AttributeType.UNDEFINED;
  }

  /** The same object for the same bytes: most attributes of a model have one of few. */
  Extras shared(MessageLite message) {
    return message.getSerializedSize() == 0 ? Extras.NONE
        : known.computeIfAbsent(message.toByteString(), b -> new Extras(b.toByteArray()));
  }
}
