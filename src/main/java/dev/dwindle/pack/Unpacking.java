package dev.dwindle.pack;

import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.CRC32C;

/** Writes the model file of a packed file again, or one of its tensors. */
public final class Unpacking {
  /** A block, and which file position it belongs to: that of the model file, or of its rest. */
  private record Job(Section section, int index) {}

  private record Done(Section section, byte[] raw) {}

  private Unpacking() {}

  /**
   * Writes the model file, byte for byte as it was packed; nothing is written where a checksum differs.
   *
   * @throws InvalidInputException where the packed file is damaged, or the disk has no room
   */
  public static void unpack(PackedFile packed, Path target, int threads) {
    requireRoom(packed, target);
    OutputFile.write(target, channel -> {
      Sequence sequence = new Sequence(packed.directory(), channel);
      Ordered.run(tasks(packed, order(packed.directory())), threads, sequence::take);
      if (sequence.crc() != packed.modelCrc()) {
        throw new InvalidInputException(
            packed.path() + ": header: found another checksum of the model than expected; the file is damaged");
      }
    });
  }

  /**
   * Writes the elements of a tensor as a NumPy file; only its blocks are read. Types that NumPy lacks are written as
   * unsigned integers of their width, those below 8 bits as packed bytes.
   *
   * @throws InvalidInputException where there is no such tensor, or it is damaged
   */
  public static void unpackTensor(PackedFile packed, String name, Path target, int threads) {
    Section tensor = packed.directory().tensors().stream().filter(s -> s.name().equals(name)).findFirst()
        .orElseThrow(() -> new InvalidInputException(packed.path() + ": found no tensor '" + name
            + "'; 'dwindle unpack --list' shows those that there are"));
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < tensor.blocks().size(); i++) jobs.add(new Job(tensor, i));
    OutputFile.write(target, channel -> {
      put(channel, NpyHeader.of(tensor));
      Ordered.run(tasks(packed, jobs), threads, done -> put(channel, done.raw));
    });
  }

  private static void requireRoom(PackedFile packed, Path target) {
    try {
      long room = Files.getFileStore(target.toAbsolutePath().getParent()).getUsableSpace();
      if (room < packed.modelBytes()) {
        throw new InvalidInputException(
            target + ": cannot be written: found room for " + room + " bytes, expected " + packed.modelBytes());
      }
    } catch (IOException e) {
      // Writing will tell.
    }
  }

  private static Iterator<Callable<Done>> tasks(PackedFile packed, List<Job> jobs) {
    return jobs.stream().map(job -> (Callable<Done>) () -> new Done(job.section, packed.block(job.section, job.index)))
        .iterator();
  }

  /** The blocks in the order in which the model file needs them. */
  private static List<Job> order(Directory directory) {
    List<Job> jobs = new ArrayList<>();
    Section rest = directory.rest();
    long needed = 0;
    int done = 0;
    for (Section tensor : directory.tensors()) {
      needed += tensor.gap();
      for (; (long) done * BlockCodec.MOST_BYTES < needed; done++) jobs.add(new Job(rest, done));
      for (int i = 0; i < tensor.blocks().size(); i++) jobs.add(new Job(tensor, i));
    }
    for (; done < rest.blocks().size(); done++) jobs.add(new Job(rest, done));
    return jobs;
  }

  private static void put(FileChannel channel, byte[] bytes) throws IOException {
    put(channel, ByteBuffer.wrap(bytes));
  }

  private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) channel.write(bytes);
  }

  /** Puts blocks that come in the order of need together to the model file. */
  private static final class Sequence {
    private final Directory directory;
    private final FileChannel channel;
    private final CRC32C crc = new CRC32C();
    private byte[] rest = {};
    private int restAt;
    private int tensor;
    private long gapLeft;
    private long tensorLeft;

    Sequence(Directory directory, FileChannel channel) {
      this.directory = directory;
      this.channel = channel;
      enter();
    }

    private void enter() {
      boolean between = tensor < directory.tensors().size();
      gapLeft = between ? directory.tensors().get(tensor).gap() : Long.MAX_VALUE;
      tensorLeft = between ? directory.tensors().get(tensor).bytes() : 0;
    }

    void take(Done done) throws IOException {
      if (done.section.isRest()) {
        rest = done.raw;
        restAt = 0;
        writeGap();
      } else {
        writeGap();
        write(done.raw, 0, done.raw.length);
        tensorLeft -= done.raw.length;
        if (tensorLeft == 0) {
          tensor++;
          enter();
          writeGap();
        }
      }
    }

    private void writeGap() throws IOException {
      int count = (int) Math.min(gapLeft, rest.length - restAt);
      write(rest, restAt, count);
      restAt += count;
      gapLeft -= count;
    }

    private void write(byte[] bytes, int from, int count) throws IOException {
      crc.update(bytes, from, count);
      put(channel, ByteBuffer.wrap(bytes, from, count));
    }

    int crc() {
      return (int) crc.getValue();
    }
  }
}
