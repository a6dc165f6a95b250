package dev.dwindle.fuzz;

import dev.dwindle.fuzz.Wire.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages of protobuf's encoding: lengths, numbers, tags and whole fields. */
final class Encoding {
  private static final long[] NONSENSE = {0, 1, 127, 128, 1 << 14, Integer.MAX_VALUE, 1L << 31, 1L << 32, 1L << 40,
      Long.MAX_VALUE, Long.MIN_VALUE, -1};

  private Encoding() {}

  /** A length off by a little, or beyond reason; the lengths around it stay, or follow. */
  static byte[] length(Seed seed, Seed other, Random random) {
    int index = pick(seed.fields(), 2, random);
    if (index < 0) {
      return Bytes.flip(seed, other, random);
    }
    Field field = seed.fields().get(index);
    long size = field.end() - field.content();
    long found = random.nextBoolean() ? Math.max(0, size + random.nextInt(9) - 4) : nonsense(random);
    byte[] changed = Bytes.joined(Arrays.copyOfRange(seed.bytes(), field.start(), field.length()), Wire.encoded(found),
        Arrays.copyOfRange(seed.bytes(), field.content(), field.end()));
    return put(seed, index, changed, random);
  }

  /** A number that takes more bytes than it needs, or than any number may. */
  static byte[] longNumber(Seed seed, Seed other, Random random) {
    int index = pick(seed.fields(), 0, random);
    if (index < 0) {
      return Bytes.overwrite(seed, other, random);
    }
    Field field = seed.fields().get(index);
    byte[] number = new byte[1 + random.nextInt(14)];
    Arrays.fill(number, (byte) (random.nextBoolean() ? 0x80 : 0xff));
    number[number.length - 1] = (byte) (random.nextBoolean() ? 0 : 1);
    return put(seed, index,
        Bytes.joined(Arrays.copyOfRange(seed.bytes(), field.start(), field.length()), number), random);
  }

  /** Another field number, or another kind of content. */
  static byte[] tag(Seed seed, Seed other, Random random) {
    if (seed.fields().isEmpty()) {
      return Bytes.flip(seed, other, random);
    }
    int index = random.nextInt(seed.fields().size());
    Field field = seed.fields().get(index);
    long tag = random.nextInt(4) == 0 ? nonsense(random)
        : (long) (1 + random.nextInt(30)) << 3 | (random.nextBoolean() ? field.wireType() : random.nextInt(8));
    return put(seed, index,
        Bytes.joined(Wire.encoded(tag), Arrays.copyOfRange(seed.bytes(), field.length(), field.end())), random);
  }

  /** Two fields of one message in each other's place. */
  static byte[] swap(Seed seed, Seed other, Random random) {
    if (seed.fields().size() < 2) {
      return Bytes.overwrite(seed, other, random);
    }
    int index = random.nextInt(seed.fields().size());
    Field from = seed.fields().get(random.nextInt(seed.fields().size()));
    return put(seed, index, Arrays.copyOfRange(seed.bytes(), from.start(), from.end()), random);
  }

  /** A field once more, or many times; at most a few times the file. */
  static byte[] repeat(Seed seed, Seed other, Random random) {
    if (seed.fields().isEmpty()) {
      return Bytes.insert(seed, other, random);
    }
    int index = random.nextInt(seed.fields().size());
    Field field = seed.fields().get(index);
    byte[] once = Arrays.copyOfRange(seed.bytes(), field.start(), field.end());
    int times = 1 + random.nextInt(random.nextBoolean() ? 2 : Math.max(2, 20_000 / once.length));
    byte[][] copies = new byte[1 + times][];
    Arrays.fill(copies, once);
    return put(seed, index, Bytes.joined(copies), random);
  }

  /** A field of another file in place of one. */
  static byte[] transplant(Seed seed, Seed other, Random random) {
    if (seed.fields().isEmpty() || other.fields().isEmpty()) {
      return Bytes.splice(seed, other, random);
    }
    Field from = other.fields().get(random.nextInt(other.fields().size()));
    if (from.end() - from.start() > 100_000) {
      return Bytes.splice(seed, other, random);
    }
    return put(seed, random.nextInt(seed.fields().size()), Arrays.copyOfRange(other.bytes(), from.start(), from.end()),
        random);
  }

  /** The begin of many groups, or messages in messages of the same field. */
  static byte[] nest(Seed seed, Seed other, Random random) {
    if (seed.fields().isEmpty()) {
      return Bytes.insert(seed, other, random);
    }
    int index = random.nextInt(seed.fields().size());
    Field field = seed.fields().get(index);
    byte[] inner = Arrays.copyOfRange(seed.bytes(), field.start(), Math.min(field.end(), field.start() + 5000));
    byte[] begin = Wire.encoded((long) (1 + random.nextInt(30)) << 3 | 2);
    if (random.nextBoolean()) {
      byte[] groups = new byte[1 + random.nextInt(5000)];
      Arrays.fill(groups, (byte) (1 + random.nextInt(15) << 3 | 3));
      return put(seed, index, Bytes.joined(groups, inner), random);
    }
    for (int i = random.nextInt(300); i > 0; i--) {
      inner = Bytes.joined(begin, Wire.encoded(inner.length), inner);
    }
    return put(seed, index, inner, random);
  }

  /** Mostly with the lengths around it set right, so that the damage is found further in. */
  private static byte[] put(Seed seed, int index, byte[] replacement, Random random) {
    if (random.nextInt(4) > 0) {
      return Wire.replace(seed.bytes(), seed.fields(), index, replacement);
    }
    Field field = seed.fields().get(index);
    return Bytes.joined(Arrays.copyOf(seed.bytes(), field.start()), replacement, Bytes.rest(seed.bytes(), field.end()));
  }

  private static long nonsense(Random random) {
    return NONSENSE[random.nextInt(NONSENSE.length)];
  }

  /** Index of a field of this wire type, or -1. */
  private static int pick(List<Field> fields, int wireType, Random random) {
    for (int tries = 0; tries < 40 && !fields.isEmpty(); tries++) {
      int index = random.nextInt(fields.size());
      if (fields.get(index).wireType() == wireType) {
        return index;
      }
    }
    return -1;
  }
}
