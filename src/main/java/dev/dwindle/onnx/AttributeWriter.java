package dev.dwindle.onnx;

import com.google.protobuf.ByteString;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.AttributeProto.AttributeType;

/** Writes attributes as messages. */
final class AttributeWriter {
  private final TensorWriter tensors;
  private final GraphWriter graphs;

  AttributeWriter(TensorWriter tensors, GraphWriter graphs) {
    this.tensors = tensors;
    this.graphs = graphs;
  }

  AttributeProto write(Attribute attribute) {
    AttributeProto.Builder proto = Messages.parse(AttributeProto.parser(), attribute.extras().bytes()).toBuilder();
    boolean created = attribute.extras().isEmpty();
    boolean typed = created || proto.hasType();
    content(attribute.value(), created, proto);
    if (!typed) {
      proto.clearType();
    }
    return proto.setName(attribute.name()).build();
  }

  /** A zero in an attribute that was read is written only where it was present, which the message then says already. */
  private void content(Attribute.Content content, boolean created, AttributeProto.Builder proto) {
    switch (content) {
      case Attribute.FloatValue v -> {
        proto.setType(AttributeType.FLOAT);
        if (created || Float.floatToRawIntBits(v.value()) != 0) {
          proto.setF(v.value());
        }
      }
      case Attribute.IntValue v -> {
        proto.setType(AttributeType.INT);
        if (created || v.value() != 0) {
          proto.setI(v.value());
        }
      }
      case Attribute.StringValue v -> {
        proto.setType(AttributeType.STRING);
        if (created || v.bytes().length > 0) {
          proto.setS(ByteString.copyFrom(v.bytes()));
        }
      }
      case Attribute.TensorValue v -> tensor(v.constant(), proto);
      case Attribute.GraphValue v -> proto.setType(AttributeType.GRAPH).setG(graphs.write(v.graph()));
      case Attribute.FloatValues v -> {
        proto.setType(AttributeType.FLOATS);
        for (float f : v.values()) {
          proto.addFloats(f);
        }
      }
      case Attribute.IntValues v -> {
        proto.setType(AttributeType.INTS);
        for (long i : v.values()) {
          proto.addInts(i);
        }
      }
      case Attribute.StringValues v -> {
        proto.setType(AttributeType.STRINGS);
        v.values().forEach(s -> proto.addStrings(ByteString.copyFrom(s)));
      }
      case Attribute.GraphValues v -> {
        proto.setType(AttributeType.GRAPHS);
        v.graphs().forEach(g -> proto.addGraphs(graphs.write(g)));
      }
      case Attribute.Reference v -> proto.setRefAttrName(v.attribute());
      case Attribute.Foreign v -> {
      }
    }
  }

  private void tensor(Constant constant, AttributeProto.Builder proto) {
    if (constant.form() != null && constant.form().storage() == Storage.SPARSE) {
      proto.setType(AttributeType.SPARSE_TENSOR).setSparseTensor(tensors.sparse(constant));
    } else {
      proto.setType(AttributeType.TENSOR).setT(tensors.attribute(constant));
    }
  }
}
