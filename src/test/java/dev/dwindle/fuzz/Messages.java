package dev.dwindle.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.AttributeProto.AttributeType;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.TypeProto;
import dev.dwindle.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Damages of what a model says, in an encoding that is right. */
final class Messages {
  private static final long[] NUMBERS = {-1, 0, 1, 2, 3, 7, 16, 100, 65536, 1L << 31, 1L << 40, Long.MAX_VALUE,
      Long.MIN_VALUE};
  private static final float[] REALS = {0, -1, 1e-30f, 3e38f, Float.NaN, Float.POSITIVE_INFINITY};
  private static final String[] TEXTS = {"", "../outside", "/etc/hostname", "a\0b", "Loop", "If", "Identity", "Cast",
      "com.example", "x".repeat(2000), "\u202e", "w.bin", "-1", "9223372036854775807"};

  private Messages() {}

  /** One field somewhere in the model set, cleared, repeated or moved. */
  static byte[] nonsense(Seed seed, Seed other, Random random) {
    return changed(seed.message(), seed, random).toByteArray();
  }

  private static Message changed(Message message, Seed seed, Random random) {
    List<FieldDescriptor> inner = new ArrayList<>();
    message.getAllFields().keySet().stream().filter(f -> f.getJavaType() == JavaType.MESSAGE).forEach(inner::add);
    if (inner.isEmpty() || random.nextInt(5) == 0) {
      return edited(message, seed, random);
    }
    FieldDescriptor field = inner.get(random.nextInt(inner.size()));
    Message.Builder builder = message.toBuilder();
    if (field.isRepeated()) {
      int at = random.nextInt(message.getRepeatedFieldCount(field));
      builder.setRepeatedField(field, at, changed((Message) message.getRepeatedField(field, at), seed, random));
    } else {
      builder.setField(field, changed((Message) message.getField(field), seed, random));
    }
    return builder.build();
  }

  private static Message edited(Message message, Seed seed, Random random) {
    List<FieldDescriptor> all = message.getDescriptorForType().getFields();
    List<FieldDescriptor> present = List.copyOf(message.getAllFields().keySet());
    Message.Builder builder = message.toBuilder();
    FieldDescriptor field = present.isEmpty() || random.nextInt(4) == 0 ? all.get(random.nextInt(all.size()))
        : present.get(random.nextInt(present.size()));
    int count = field.isRepeated() ? message.getRepeatedFieldCount(field) : 0;
    if (random.nextInt(6) == 0) {
      builder.clearField(field);
    } else if (count > 0 && random.nextBoolean()) {
      int a = random.nextInt(count);
      int b = random.nextInt(count);
      builder.setRepeatedField(field, a, random.nextBoolean() ? value(field, seed, random)
          : message.getRepeatedField(field, b));
      builder.setRepeatedField(field, b, message.getRepeatedField(field, a));
    } else if (field.isRepeated()) {
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        builder.addRepeatedField(field, value(field, seed, random));
      }
    } else {
      builder.setField(field, value(field, seed, random));
    }
    return builder.build();
  }

  private static Object value(FieldDescriptor field, Seed seed, Random random) {
    long number = NUMBERS[random.nextInt(NUMBERS.length)];
    return switch (field.getJavaType()) {
      case INT -> (int) number;
      case LONG -> number;
      case FLOAT -> REALS[random.nextInt(REALS.length)];
      case DOUBLE -> (double) REALS[random.nextInt(REALS.length)];
      case BOOLEAN -> random.nextBoolean();
      case STRING -> random.nextBoolean() ? TEXTS[random.nextInt(TEXTS.length)] : someName(seed, random);
      case BYTE_STRING -> bytes(random);
      case ENUM -> {
        EnumDescriptor kind = field.getEnumType();
        yield kind.getValues().get(random.nextInt(kind.getValues().size()));
      }
      case MESSAGE -> com.google.protobuf.DynamicMessage.getDefaultInstance(field.getMessageType());
    };
  }

  private static ByteString bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 9 : 2000)];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** A name of a node's input or output in place of another, or another operator's name. */
  static byte[] name(Seed seed, Seed other, Random random) {
    GraphProto graph = seed.message().getGraph();
    if (graph.getNodeCount() == 0) {
      return nonsense(seed, other, random);
    }
    int at = random.nextInt(graph.getNodeCount());
    NodeProto.Builder node = graph.getNode(at).toBuilder();
    String name = someName(seed, random);
    switch (random.nextInt(3)) {
      case 0 -> node.setOpType(someNode(other, random).getOpType());
      case 1 -> {
        if (node.getInputCount() > 0) {
          node.setInput(random.nextInt(node.getInputCount()), name);
        }
      }
      default -> {
        if (node.getOutputCount() > 0) {
          node.setOutput(random.nextInt(node.getOutputCount()), name);
        }
      }
    }
    return seed.message().toBuilder().setGraph(graph.toBuilder().setNode(at, node)).build().toByteArray();
  }

  private static NodeProto someNode(Seed seed, Random random) {
    int count = seed.message().getGraph().getNodeCount();
    return count == 0 ? NodeProto.getDefaultInstance() : seed.message().getGraph().getNode(random.nextInt(count));
  }

  private static String someName(Seed seed, Random random) {
    NodeProto node = someNode(seed, random);
    List<String> names = new ArrayList<>(node.getInputList());
    names.addAll(node.getOutputList());
    names.add(node.getOpType());
    return names.get(random.nextInt(names.size()));
  }

  /** The graph as the body of an If in the body of an If ..., or a type of sequences of sequences. */
  static byte[] nest(Seed seed, Seed other, Random random) {
    ModelProto.Builder model = seed.message().toBuilder();
    int depth = random.nextInt(random.nextBoolean() ? 20 : 150);
    if (random.nextBoolean()) {
      GraphProto graph = model.getGraph().getSerializedSize() > 100_000 ? GraphProto.getDefaultInstance()
          : model.getGraph();
      for (int i = 0; i < depth; i++) {
        graph = GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("If").addOutput("y").addAttribute(
            AttributeProto.newBuilder().setName("then_branch").setType(AttributeType.GRAPH).setG(graph))).build();
      }
      return model.setGraph(graph).build().toByteArray();
    }
    TypeProto type = TypeProto.getDefaultInstance();
    for (int i = 0; i < depth; i++) {
      type = TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.newBuilder().setElemType(type)).build();
    }
    model.getGraphBuilder().addInput(ValueInfoProto.newBuilder().setName("deep").setType(type));
    return model.build().toByteArray();
  }
}
