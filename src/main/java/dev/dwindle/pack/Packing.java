package dev.dwindle.pack;

import dev.dwindle.onnx.TensorRange;
import dev.dwindle.onnx.TensorRanges;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.CRC32C;

/** Packs a model file: tensors and the rest are cut into blocks, which are coded on all cores and written in their order. */
public final class Packing {
  /** Elements of fewer bytes stay in the rest of the file. */
  static final int LEAST_TENSOR_BYTES = 256;

  /** Blocks of the rest beyond this are coded for speed with that preset. */
  private static final int TEXT_BLOCKS = 4;

  private final InputFile model;
  private final Preset preset;
  private final Directory directory;
  private final byte[] dictionary;

  /** What came of it, in bytes of files. */
  public record Result(long model, long packed) {}

  private record Job(Section section, long index, byte[] raw) {}

  private record Done(Section section, byte[] packed, int crc) {}

  private Packing(InputFile model, Preset preset, Directory directory) {
    this.model = model;
    this.preset = preset;
    this.directory = directory;
    this.dictionary = directory.dictionary();
  }

  /**
   * Packs a file.
   *
   * @param threads workers; the bytes do not depend on it
   * @throws InvalidInputException where the model is no ONNX file, is damaged, or has external data
   */
  public static Result pack(Path model, Path target, Preset preset, int threads) {
    List<TensorRange> ranges = TensorRanges.in(model, LEAST_TENSOR_BYTES);
    try (InputFile file = new InputFile(model)) {
      Packing packing = new Packing(file, preset, directory(ranges, file.size()));
      long[] bytes = new long[1];
      OutputFile.write(target, channel -> bytes[0] = packing.write(channel, threads));
      return new Result(file.size(), bytes[0]);
    }
  }

  private static Directory directory(List<TensorRange> ranges, long size) {
    List<Section> tensors = new ArrayList<>();
    long at = 0;
    long rest = size;
    for (TensorRange range : ranges) {
      tensors.add(Section.of(range, range.offset() - at));
      at = range.offset() + range.bytes();
      rest -= range.bytes();
    }
    return new Directory(tensors, new Section(null, 0, List.of(), 0, rest));
  }

  private long write(FileChannel channel, int threads) throws IOException {
    channel.position(Header.BYTES);
    Ordered.run(new Jobs(), threads, (Done done) -> {
      done.section.blocks().add(new Block(done.packed.length, done.crc));
      put(channel, done.packed);
    });
    byte[] bytes = directory.toBytes();
    byte[] packed = BlockCodec.writeText(bytes, new byte[0]);
    if ((long) packed.length * Header.MOST_EXPANSION < bytes.length) packed = BlockCodec.stored(bytes);
    long position = channel.position();
    put(channel, packed);
    Header header = new Header(model.size(), modelCrc(), position, packed.length, bytes.length, Crc.of(bytes));
    ByteBuffer first = ByteBuffer.wrap(header.toBytes());
    while (first.hasRemaining()) channel.write(first, first.position());
    return position + packed.length;
  }

  private static void put(FileChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) channel.write(buffer);
  }

  private int modelCrc() {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BlockCodec.MOST_BYTES];
    for (long at = 0; at < model.size(); at += buffer.length) {
      int count = (int) Math.min(buffer.length, model.size() - at);
      model.read(at, buffer, 0, count);
      crc.update(buffer, 0, count);
    }
    return (int) crc.getValue();
  }

  private Done code(Job job) {
    byte[] packed = job.section.isRest() && (preset == Preset.SMALL || job.index < TEXT_BLOCKS)
        ? BlockCodec.writeText(job.raw, dictionary)
        : BlockCodec.write(job.raw, job.section.layout(), preset);
    return new Done(job.section, packed, Crc.of(job.raw));
  }

  /** Reads the blocks in the order in which they are written: those of the tensors, then those of the rest. */
  private final class Jobs implements Iterator<Callable<Done>> {
    private int tensor;
    private long block;
    private long at;
    private int gap;
    private long inGap;
    private long gapStart;

    @Override
    public boolean hasNext() {
      return tensor < directory.tensors().size() || block < directory.rest().blockCount();
    }

    @Override
    public Callable<Done> next() {
      Job job = tensor < directory.tensors().size() ? ofTensor() : ofRest();
      return () -> code(job);
    }

    private Job ofTensor() {
      Section section = directory.tensors().get(tensor);
      if (block == 0) at += section.gap();
      int count = section.blockBytes(block);
      Job job = new Job(section, block, model.read(at, count));
      at += count;
      if (++block == section.blockCount()) {
        tensor++;
        block = 0;
      }
      return job;
    }

    private Job ofRest() {
      byte[] raw = new byte[directory.rest().blockBytes(block)];
      for (int filled = 0; filled < raw.length;) {
        boolean between = gap < directory.tensors().size();
        long end = between ? directory.tensors().get(gap).gap() : model.size() - gapStart;
        int count = (int) Math.min(raw.length - filled, end - inGap);
        model.read(gapStart + inGap, raw, filled, count);
        filled += count;
        inGap += count;
        if (between && inGap == end) {
          gapStart += end + directory.tensors().get(gap).bytes();
          gap++;
          inGap = 0;
        }
      }
      return new Job(directory.rest(), block++, raw);
    }
  }
}
