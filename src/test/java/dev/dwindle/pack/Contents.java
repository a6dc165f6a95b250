package dev.dwindle.pack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Bytes of the kinds that coders meet, and the sizes at which they err. */
final class Contents {
  static final int[] SIZES = {1, 2, 3, 4, 5, 7, 8, 9, 15, 63, 64, 65, 255, 256, 257, 4095, 4096, 4097};
  static final List<String> KINDS = List.of("zeros", "constant", "random", "normal", "sparse", "palette", "text",
      "steps");

  /** Types of each width and order, and two that no type has. */
  static final int[] TYPES = IntStream.concat(IntStream.rangeClosed(1, 26), IntStream.of(0, 4000)).toArray();

  private Contents() {}

  static byte[] of(String kind, int size) {
    Random random = new Random(size * 31L + kind.hashCode());
    byte[] bytes = new byte[size];
    switch (kind) {
      case "zeros" -> {}
      case "constant" -> java.util.Arrays.fill(bytes, (byte) 0xc7);
      case "random" -> random.nextBytes(bytes);
      case "normal" -> floats(bytes, i -> (float) random.nextGaussian());
      case "sparse" -> floats(bytes, i -> random.nextInt(10) > 0 ? 0 : (float) random.nextGaussian());
      case "palette" -> floats(bytes, i -> random.nextInt(10) > 0 ? 0 : random.nextInt(32) / 7f - 2);
      case "text" -> {
        for (int i = 0; i < size; i++) bytes[i] = (byte) "/layer1/conv/weight ".charAt((i + i / 97) % 20);
      }
      default -> {
        for (int i = 0; i < size; i++) bytes[i] = (byte) (i >> 3);
      }
    }
    return bytes;
  }

  private interface Value {
    float at(int i);
  }

  private static void floats(byte[] bytes, Value value) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i + 4 <= bytes.length; i += 4) buffer.putFloat(i, value.at(i));
  }
}
