package dev.dwindle.train;

import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Scalars over steps as TensorBoard reads them: records of TensorFlow's {@code Event} message, each with its length and masked CRC-32C (TFRecord). Each run writes a
 * file of its own into the folder; a run that goes on from another adds to its curves.
 */
final class EventLog implements AutoCloseable {
  private static final int MASK = 0xa282ead8;
  private static final int TIME = 1 << 3 | 1;
  private static final int STEP = 2 << 3;
  private static final int VERSION = 3 << 3 | 2;
  private static final int SUMMARY = 5 << 3 | 2;
  private static final int VALUE = 1 << 3 | 2;
  private static final int TAG = 1 << 3 | 2;
  private static final int NUMBER = 2 << 3 | 5;

  private final Path file;
  private FileChannel channel;

  /**
   * A log in a folder, which is made where it is missing.
   *
   * @throws InvalidInputException where it cannot be written to
   */
  EventLog(Path folder) {
    file = folder.resolve("events.out.tfevents." + System.currentTimeMillis() / 1000 + "."
        + ProcessHandle.current().pid() + ".dwindle");
    try {
      Files.createDirectories(folder);
      channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      record(event(0, VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be written: " + OutputFile.reason(e), e);
    }
  }

  /** Adds a number; where the disk is full the log ends and training goes on. */
  void add(String tag, long step, double number) {
    if (channel == null) return;
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    field(value, TAG, tag.getBytes(StandardCharsets.UTF_8));
    value.write(NUMBER);
    value.writeBytes(little(Float.BYTES).putFloat((float) number).array());
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    field(summary, VALUE, value.toByteArray());
    try {
      record(event(step, SUMMARY, summary.toByteArray()));
    } catch (IOException e) {
      close();
    }
  }

  private static byte[] event(long step, int tag, byte[] content) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    event.write(TIME);
    event.writeBytes(little(Double.BYTES).putDouble(System.currentTimeMillis() / 1e3).array());
    event.write(STEP);
    number(event, step);
    field(event, tag, content);
    return event.toByteArray();
  }

  private static void field(ByteArrayOutputStream to, int tag, byte[] content) {
    to.write(tag);
    number(to, content.length);
    to.writeBytes(content);
  }

  private static void number(ByteArrayOutputStream to, long value) {
    long rest = value;
    while (rest > 0x7f) {
      to.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    to.write((int) rest);
  }

  private void record(byte[] event) throws IOException {
    byte[] length = little(Long.BYTES).putLong(event.length).array();
    ByteBuffer all = little(Long.BYTES + 2 * Integer.BYTES + event.length);
    all.put(length).putInt(masked(length)).put(event).putInt(masked(event)).flip();
    while (all.hasRemaining()) channel.write(all);
  }

  private static int masked(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return Integer.rotateRight((int) sum.getValue(), 15) + MASK;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    try {
      if (channel != null) channel.close();
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be closed: " + OutputFile.reason(e), e);
    } finally {
      channel = null;
    }
  }
}
