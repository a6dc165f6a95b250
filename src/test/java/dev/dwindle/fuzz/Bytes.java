package dev.dwindle.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** Damages that know nothing of what a file holds. */
final class Bytes {
  private static final byte[] TELLING = {0, 1, -1, 127, -128};

  private Bytes() {}

  static byte[] flip(Seed seed, Seed other, Random random) {
    byte[] bytes = seed.bytes().clone();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  static byte[] overwrite(Seed seed, Seed other, Random random) {
    byte[] bytes = seed.bytes().clone();
    int from = random.nextInt(bytes.length);
    for (int i = from; i < Math.min(bytes.length, from + 1 + random.nextInt(12)); i++) {
      bytes[i] = random.nextBoolean() ? (byte) random.nextInt() : TELLING[random.nextInt(TELLING.length)];
    }
    return bytes;
  }

  static byte[] truncate(Seed seed, Seed other, Random random) {
    return Arrays.copyOf(seed.bytes(), random.nextInt(seed.bytes().length));
  }

  static byte[] insert(Seed seed, Seed other, Random random) {
    byte[] garbage = new byte[1 + random.nextInt(64)];
    random.nextBytes(garbage);
    int at = random.nextInt(seed.bytes().length + 1);
    return joined(Arrays.copyOf(seed.bytes(), at), garbage, rest(seed.bytes(), at));
  }

  static byte[] delete(Seed seed, Seed other, Random random) {
    int at = random.nextInt(seed.bytes().length);
    int end = Math.min(seed.bytes().length, at + 1 + random.nextInt(64));
    return joined(Arrays.copyOf(seed.bytes(), at), rest(seed.bytes(), end));
  }

  static byte[] splice(Seed seed, Seed other, Random random) {
    return joined(Arrays.copyOf(seed.bytes(), random.nextInt(seed.bytes().length)),
        rest(other.bytes(), random.nextInt(other.bytes().length)));
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] rest(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }
}
