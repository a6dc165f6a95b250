package dev.dwindle.data;

import dev.dwindle.data.Field.Pixels;
import dev.dwindle.tensor.InvalidInputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** CIFAR-10's binary format: records of a label byte and 3 x 32 x 32 bytes in planes of red, green and blue. */
final class Cifar10 implements Source {
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int RECORD = 1 + 3 * PLANE;

  private final List<Path> files;
  private final long count;

  private Cifar10(List<Path> files, long count) {
    this.files = files;
    this.count = count;
  }

  /** {@code cifar10: FILE} or a list of files. */
  static Source source(Yaml settings, Places places) {
    List<Path> files = places.files(settings);
    long count = 0;
    for (Path file : files) {
      try {
        long bytes = Files.size(file);
        if (bytes == 0 || bytes % RECORD != 0) {
          throw new InvalidInputException(
              file + ": found " + bytes + " bytes, expected a multiple of " + RECORD + " (records of CIFAR-10)");
        }
        count += bytes / RECORD;
      } catch (IOException e) {
        throw Places.unreadable(file, e);
      }
    }
    return new Cifar10(files, count);
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public Set<String> fields() {
    return Set.of("image", "label");
  }

  @Override
  public Rows open() {
    return new Records();
  }

  private final class Records implements Rows {
    private InputStream in = InputStream.nullInputStream();
    private int opened;
    private long index;

    @Override
    public Row next() throws IOException {
      byte[] record = in.readNBytes(RECORD);
      if (record.length == 0 && opened < files.size()) {
        in.close();
        in = new BufferedInputStream(Files.newInputStream(files.get(opened++)), 1 << 16);
        index = 0;
        record = in.readNBytes(RECORD);
      }
      String where = files.get(opened - 1) + " record " + index++;
      if (record.length < RECORD) {
        throw new InvalidInputException(where + ": the file became shorter while it was read");
      }
      byte[] whole = record;
      return new Row(where, Map.of("image", () -> image(whole), "label", () -> Field.label(whole[0] & 0xff)));
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private static Pixels image(byte[] record) {
    byte[] pixels = new byte[3 * PLANE];
    for (int c = 0; c < 3; c++) {
      for (int i = 1 + c * PLANE, o = c; o < pixels.length; i++, o += 3) {
        pixels[o] = record[i];
      }
    }
    return new Pixels(SIDE, SIDE, 3, pixels);
  }
}
