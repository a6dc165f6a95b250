package dev.dwindle.pack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Packed files as a bad disk or a hostile hand would leave them: the latter with right checksums. */
final class PackedMutations {
  static final List<String> OF_BYTES = List.of("bits flipped", "truncated", "bytes overwritten", "range filled",
      "range copied", "bytes inserted", "bytes deleted");
  static final List<String> ALL = new ArrayList<>(OF_BYTES);
  private static final long[] ODD = {0, 1, -1, 47, 48, 64, 1 << 20, 1L << 31, 1L << 32, 1L << 62, Long.MAX_VALUE,
      Long.MIN_VALUE};

  static {
    ALL.addAll(List.of("spliced with another file", "header changed, checksum right", "index changed, checksum right",
        "block changed, checksum right", "blocks exchanged"));
  }

  private PackedMutations() {}

  /**
   * A whole file and its parts.
   *
   * @param index decoded
   */
  record Seed(String name, byte[] model, byte[] file, byte[] index, Directory directory, List<byte[]> blocks) {
    static Seed of(String name, byte[] model, Preset preset, Path folder) throws IOException {
      Path source = Files.write(folder.resolve("seed.onnx"), model);
      Path packed = folder.resolve("seed.dwz");
      Packing.pack(source, packed, preset, 1);
      byte[] file = Files.readAllBytes(packed);
      Header header = Header.read(Arrays.copyOf(file, Header.BYTES), file.length);
      int end = (int) header.directory();
      byte[] index = BlockCodec.read(Arrays.copyOfRange(file, end, file.length), header.directoryBytes(),
          Layout.of(0, List.of()));
      Directory directory = Directory.read(index, model.length, end - Header.BYTES);
      List<byte[]> blocks = new ArrayList<>();
      int at = Header.BYTES;
      for (Section section : sections(directory)) {
        for (Block block : section.blocks()) {
          blocks.add(Arrays.copyOfRange(file, at, at + block.packed()));
          at += block.packed();
        }
      }
      return new Seed(name + ", " + preset.name().toLowerCase(Locale.ROOT), model, file, index, directory, blocks);
    }
  }

  private static List<Section> sections(Directory directory) {
    List<Section> sections = new ArrayList<>(directory.tensors());
    sections.add(directory.rest());
    return sections;
  }

  static byte[] mutant(String mutation, Seed seed, Seed other, Random random) {
    return switch (mutation) {
      case "spliced with another file" -> {
        byte[] tail = other.file;
        int from = random.nextInt(tail.length);
        byte[] head = Arrays.copyOf(seed.file, random.nextInt(seed.file.length) + tail.length - from);
        System.arraycopy(tail, from, head, head.length - (tail.length - from), tail.length - from);
        yield head;
      }
      case "header changed, checksum right" -> header(seed, random);
      case "index changed, checksum right" -> signed(seed, seed.blocks, ofBytes(seed.index, random));
      case "block changed, checksum right" -> block(seed, random);
      case "blocks exchanged" -> exchanged(seed, random);
      default -> ofBytes(mutation, seed.file, random);
    };
  }

  static byte[] ofBytes(byte[] bytes, Random random) {
    return ofBytes(OF_BYTES.get(random.nextInt(OF_BYTES.size())), bytes, random);
  }

  private static byte[] ofBytes(String mutation, byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    int at = random.nextInt(copy.length);
    int count = 1 + random.nextInt(Math.min(64, copy.length - at));
    switch (mutation) {
      case "bits flipped" -> {
        for (int i = random.nextInt(8); i >= 0; i--)
          copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
      }
      case "truncated" -> {
        return Arrays.copyOf(copy, at);
      }
      case "bytes overwritten" -> {
        for (int i = random.nextInt(8); i >= 0; i--) copy[random.nextInt(copy.length)] = (byte) random.nextInt();
      }
      case "range filled" -> Arrays.fill(copy, at, at + count, (byte) random.nextInt());
      case "range copied" -> System.arraycopy(bytes, random.nextInt(copy.length - count + 1), copy, at, count);
      case "bytes inserted" -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
        System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
        return longer;
      }
      default -> {
        System.arraycopy(bytes, at + count, copy, at, bytes.length - at - count);
        return Arrays.copyOf(copy, bytes.length - count);
      }
    }
    return copy;
  }

  private static byte[] header(Seed seed, Random random) {
    byte[] file = seed.file.clone();
    int[] fields = {8, 10, 12, 16, 24, 32, 36, 40};
    int field = fields[random.nextInt(fields.length)];
    int width = field < 12 ? 2 : field == 16 || field == 24 ? 8 : 4;
    long value = random.nextBoolean() ? ODD[random.nextInt(ODD.length)] : random.nextLong() >>> random.nextInt(64);
    for (int i = 0; i < width; i++) file[field + i] = (byte) (value >>> 8 * i);
    int crc = Crc.of(Arrays.copyOf(file, Header.BYTES - 4));
    for (int i = 0; i < 4; i++) file[Header.BYTES - 4 + i] = (byte) (crc >>> 8 * i);
    return file;
  }

  /** A block of any bytes; its checksum is that of what comes out, where something does. */
  private static byte[] block(Seed seed, Random random) {
    int changed = random.nextInt(seed.blocks.size());
    List<byte[]> blocks = new ArrayList<>(seed.blocks);
    byte[] block = ofBytes(blocks.get(changed), random);
    blocks.set(changed, block);
    int at = 0;
    List<Section> tensors = new ArrayList<>();
    for (Section section : sections(seed.directory)) {
      Section copy = new Section(section.name(), section.dtype(), section.dims(), section.gap(), section.bytes());
      for (int i = 0; i < section.blocks().size(); i++, at++) {
        Block old = section.blocks().get(i);
        copy.blocks().add(at == changed ? new Block(block.length, crc(seed, section, i, block, old.crc())) : old);
      }
      tensors.add(copy);
    }
    Section rest = tensors.removeLast();
    return signed(seed, blocks, new Directory(tensors, rest).toBytes());
  }

  private static int crc(Seed seed, Section section, int index, byte[] block, int old) {
    try {
      return Crc.of(BlockCodec.read(block, section.blockBytes(index), section.layout(), seed.directory.dictionary()));
    } catch (RuntimeException e) {
      return old; // reading the file meets the same error, and is judged by it
    }
  }

  private static byte[] exchanged(Seed seed, Random random) {
    List<byte[]> blocks = new ArrayList<>(seed.blocks);
    Collections.swap(blocks, random.nextInt(blocks.size()), random.nextInt(blocks.size()));
    return signed(seed, blocks, seed.index);
  }

  /** A file of these blocks and this index, with right checksums of index and header. */
  private static byte[] signed(Seed seed, List<byte[]> blocks, byte[] index) {
    Bytes out = new Bytes(seed.file.length + 64);
    byte[] stored = BlockCodec.stored(index);
    int position = Header.BYTES + blocks.stream().mapToInt(b -> b.length).sum();
    out.put(new Header(seed.model.length, Crc.of(seed.model), position, stored.length, index.length, Crc.of(index))
        .toBytes());
    blocks.forEach(out::put);
    out.put(stored);
    return out.toArray();
  }
}
