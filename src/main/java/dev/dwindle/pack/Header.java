package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;

/**
 * The first bytes of a packed file.
 *
 * @param model bytes of the model file
 * @param modelCrc CRC32C of the model file
 * @param directory position of the coded directory, which ends the file
 * @param directoryPacked its bytes
 * @param directoryBytes bytes that come out of it
 * @param directoryCrc CRC32C of those
 */
record Header(long model, int modelCrc, long directory, int directoryPacked, int directoryBytes, int directoryCrc) {
  static final int BYTES = 48;
  static final int VERSION = 1;

  /** A directory takes at most so many bytes for each byte of its code. */
  static final int MOST_EXPANSION = 64;
  private static final byte[] MAGIC = {(byte) 0x89, 'D', 'W', 'Z', '\r', '\n', 0x1a, '\n'};

  byte[] toBytes() {
    Bytes out = new Bytes(BYTES);
    out.put(MAGIC);
    out.putFixed(VERSION, 2);
    out.putFixed(0, 2);
    out.putFixed(modelCrc, 4);
    out.putFixed(model, 8);
    out.putFixed(directory, 8);
    out.putFixed(directoryPacked, 4);
    out.putFixed(directoryBytes, 4);
    out.putFixed(directoryCrc, 4);
    out.putFixed(Crc.of(out.toArray()), 4);
    return out.toArray();
  }

  /** Reads the header of a file of this size and checks all that it says of positions. */
  static Header read(byte[] bytes, long file) {
    if (bytes.length < BYTES || !Arrays.equals(bytes, 0, 8, MAGIC, 0, 8)) {
      throw new InvalidInputException("found no header of a packed model, expected a file written by 'dwindle pack'");
    }
    Reading in = new Reading(bytes);
    in.get(8);
    long version = in.fixed(2);
    if (version != VERSION) {
      throw new InvalidInputException(
          "found version " + version + " of the format, expected " + VERSION + "; take a newer Dwindle");
    }
    long flags = in.fixed(2);
    int modelCrc = (int) in.fixed(4);
    Header header = new Header(in.fixed(8), modelCrc, in.fixed(8), (int) in.fixed(4), (int) in.fixed(4),
        (int) in.fixed(4));
    if ((int) in.fixed(4) != Crc.of(Arrays.copyOf(bytes, BYTES - 4)) || flags != 0) {
      throw new InvalidInputException("found another checksum than expected; the file is damaged");
    }
    if (header.directory + header.directoryPacked != file) {
      throw new InvalidInputException("found a file of " + file + " bytes, expected "
          + (header.directory + header.directoryPacked) + "; the file is cut short or damaged");
    }
    header.check();
    return header;
  }

  private void check() {
    boolean sound = model >= 1 && directory >= BYTES && directoryPacked >= 1 && directoryBytes >= 1
        && directoryBytes <= (long) MOST_EXPANSION * directoryPacked;
    if (!sound) throw new InvalidInputException("found sizes that cannot be; the file is damaged");
  }
}
