package dev.dwindle.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.dwindle.graph.Extras;
import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;

/** The way between protobuf's messages and the bytes that a graph carries along. */
final class Messages {
  private Messages() {}

  static Extras extras(MessageLite message) {
    return message.getSerializedSize() == 0 ? Extras.NONE : new Extras(message.toByteArray());
  }

  static <T extends MessageLite> T parse(Parser<T> parser, byte[] bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidInputException("not an ONNX file, or damaged: " + e.getMessage(), e);
    }
  }

  /** The error with the file's name before it. */
  static InvalidInputException in(Path file, InvalidInputException e) {
    return new InvalidInputException(file + ": " + e.getMessage(), e);
  }
}
