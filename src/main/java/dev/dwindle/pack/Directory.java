package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a packed file holds: tensors in the order of the model file, and the rest of that file.
 *
 * @param rest the bytes around the tensors, joined
 */
record Directory(List<Section> tensors, Section rest) {
  static final int MOST_NAME_BYTES = 3 << 12;
  static final int MOST_RANK = 64;
  private static final int MOST_DICTIONARY = 1 << 16;

  byte[] toBytes() {
    Bytes out = new Bytes(64 * tensors.size());
    out.putVarint(tensors.size());
    for (Section tensor : tensors) {
      byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
      out.putVarint(name.length);
      out.put(name);
      out.putVarint(tensor.dtype());
      out.putVarint(tensor.dims().size());
      tensor.dims().forEach(out::putVarint);
      out.putVarint(tensor.gap());
      write(tensor, out);
    }
    write(rest, out);
    return out.toArray();
  }

  private static void write(Section section, Bytes out) {
    out.putVarint(section.bytes());
    for (Block block : section.blocks()) {
      out.putVarint(block.packed());
      out.putFixed(block.crc(), 4);
    }
  }

  /**
   * Reads a directory and checks that its parts make a whole.
   *
   * @param model bytes of the model file
   * @param packed bytes of all blocks
   */
  static Directory read(byte[] bytes, long model, long packed) {
    Reading in = new Reading(bytes);
    // Each tensor takes ten bytes or more.
    long count = in.varint("tensors", 0, bytes.length / 10);
    List<Section> tensors = new ArrayList<>();
    long left = model;
    long gaps = 0;
    long blocks = 0;
    for (long i = 0; i < count; i++) {
      String name = new String(in.get((int) in.varint("bytes of a name", 0, MOST_NAME_BYTES)), StandardCharsets.UTF_8);
      int dtype = (int) in.varint("as an element type", 0, (1 << 16) - 1);
      List<Long> dims = new ArrayList<>();
      for (long rank = in.varint("sizes", 0, MOST_RANK); rank > 0; rank--) dims.add(in.varint());
      long gap = in.varint("bytes before " + Section.title(name), 0, left);
      long length = in.varint("bytes of " + Section.title(name), 1, left - gap);
      Section tensor = new Section(name, dtype, List.copyOf(dims), gap, length);
      blocks += readBlocks(in, tensor);
      left -= gap + length;
      gaps += gap;
      tensors.add(tensor);
    }
    Section rest = new Section(null, 0, List.of(), 0, in.varint("bytes of the skeleton", gaps + left, gaps + left));
    blocks += readBlocks(in, rest);
    in.requireEnd();
    if (blocks != packed) throw new InvalidInputException("found blocks of " + blocks + " bytes, expected " + packed);
    return new Directory(tensors, rest);
  }

  private static long readBlocks(Reading in, Section section) {
    long count = section.blockCount();
    if (count > in.left() / 5) {
      throw new InvalidInputException(
          section.title() + ": found " + section.bytes() + " bytes, more than the blocks that follow can hold");
    }
    long sum = 0;
    for (long i = 0; i < count; i++) {
      int packed = (int) in.varint("bytes of a block", 1, section.blockBytes(i) + 1L);
      section.blocks().add(new Block(packed, (int) in.fixed(4)));
      sum += packed;
    }
    return sum;
  }

  /** What a coder of the rest knows beforehand: the names of the tensors, which stand in it too. */
  byte[] dictionary() {
    byte[] names = tensors.stream().map(Section::name).distinct().collect(Collectors.joining("\n"))
        .getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(names, Math.min(names.length, MOST_DICTIONARY));
  }
}
