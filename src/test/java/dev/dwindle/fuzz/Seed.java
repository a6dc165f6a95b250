package dev.dwindle.fuzz;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.dwindle.onnx.proto.ModelProto;
import java.util.List;

/** A file that is right, to be damaged. What is known of its encoding is worked out when it is first asked for. */
final class Seed {
  private final String name;
  private final byte[] bytes;
  private List<Wire.Field> fields;
  private ModelProto message;

  Seed(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  String name() {
    return name;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The fields of a model, nested ones included. */
  synchronized List<Wire.Field> fields() {
    if (fields == null) {
      fields = Wire.fields(bytes, ModelProto.getDescriptor());
    }
    return fields;
  }

  /** The model as a message; an empty one where the bytes are none. */
  synchronized ModelProto message() {
    if (message == null) {
      try {
        message = ModelProto.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        message = ModelProto.getDefaultInstance();
      }
    }
    return message;
  }
}
