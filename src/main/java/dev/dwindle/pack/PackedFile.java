package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A packed file, open for reading. Nothing of it is believed before it is checked, and no block before its checksum. */
public final class PackedFile implements AutoCloseable {
  private final InputFile file;
  private final Header header;
  private final Directory directory;
  private final byte[] dictionary;

  /** Where the blocks of a section begin; two sections may be equal. */
  private final Map<Section, long[]> starts = new IdentityHashMap<>();

  /** A tensor in a packed file. */
  public record Entry(String name, int dtype, List<Long> dims, long bytes, long packed) {}

  /**
   * Opens a file.
   *
   * @throws InvalidInputException where it is missing, damaged, or no packed file
   */
  public PackedFile(Path path) {
    file = new InputFile(path);
    String part = "header";
    try {
      header = Header.read(file.read(0, (int) Math.min(Header.BYTES, file.size())), file.size());
      part = "index";
      byte[] packed = file.read(header.directory(), header.directoryPacked());
      byte[] bytes = BlockCodec.read(packed, header.directoryBytes(), Layout.of(0, List.of()));
      if (Crc.of(bytes) != header.directoryCrc()) {
        throw new InvalidInputException("found another checksum than expected; the file is damaged");
      }
      directory = Directory.read(bytes, header.model(), header.directory() - Header.BYTES);
    } catch (InvalidInputException e) {
      file.close();
      throw new InvalidInputException(e.getMessage().startsWith(path + ": ") ? e.getMessage()
          : path + ": " + part + ": " + e.getMessage(), e);
    }
    dictionary = directory.dictionary();
    findBlocks();
  }

  private void findBlocks() {
    long at = Header.BYTES;
    for (Section tensor : directory.tensors()) at = findBlocks(tensor, at);
    findBlocks(directory.rest(), at);
  }

  private long findBlocks(Section section, long from) {
    long at = from;
    long[] positions = new long[section.blocks().size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = at;
      at += section.blocks().get(i).packed();
    }
    starts.put(section, positions);
    return at;
  }

  /** Bytes of the model file that comes out. */
  public long modelBytes() {
    return header.model();
  }

  int modelCrc() {
    return header.modelCrc();
  }

  Directory directory() {
    return directory;
  }

  Path path() {
    return file.path();
  }

  /** The tensors, in the order of the model file. Small ones are not among them: they stand in the rest. */
  public List<Entry> tensors() {
    return directory.tensors().stream().map(s -> new Entry(s.name(), s.dtype(), s.dims(), s.bytes(), packed(s)))
        .toList();
  }

  /** Bytes that the rest of the model file takes, packed, with the directory. */
  public long otherBytes() {
    return packed(directory.rest()) + header.directoryPacked() + Header.BYTES;
  }

  private static long packed(Section section) {
    return section.blocks().stream().mapToLong(Block::packed).sum();
  }

  /** Reads and decodes a block; several threads may do so. */
  byte[] block(Section section, int index) {
    Block block = section.blocks().get(index);
    String where = file.path() + ": " + section.title() + ": block " + (index + 1) + " of " + section.blocks().size()
        + ": ";
    byte[] packed = file.read(starts.get(section)[index], block.packed());
    byte[] raw;
    try {
      raw = BlockCodec.read(packed, section.blockBytes(index), section.layout(), dictionary);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(where + e.getMessage() + "; the file is damaged", e);
    }
    if (Crc.of(raw) != block.crc()) {
      throw new InvalidInputException(where + "found another checksum than expected; the file is damaged");
    }
    return raw;
  }

  @Override
  public void close() {
    file.close();
  }
}
