package dev.dwindle.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The arguments of a kernel in its order; addresses are known only when it is bound to memory. */
final class Arguments {
  sealed interface Argument {
    record At(Place place) implements Argument {}

    record Word(byte[] bytes) implements Argument {}
  }

  private final List<Argument> arguments = new ArrayList<>();

  /** The address of a value; null for an address of nothing. */
  Arguments at(Place place) {
    arguments.add(place == null ? new Argument.Word(new byte[8]) : new Argument.At(place));
    return this;
  }

  Arguments int32(int value) {
    return words(buffer(4).putInt(value));
  }

  Arguments int64(long value) {
    return words(buffer(8).putLong(value));
  }

  Arguments float32(float value) {
    return words(buffer(4).putFloat(value));
  }

  /** A struct of 32-bit integers. */
  Arguments struct(int... values) {
    ByteBuffer bytes = buffer(4 * values.length);
    for (int value : values) bytes.putInt(value);
    return words(bytes);
  }

  private Arguments words(ByteBuffer bytes) {
    arguments.add(new Argument.Word(bytes.array()));
    return this;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  List<Argument> list() {
    return List.copyOf(arguments);
  }
}
