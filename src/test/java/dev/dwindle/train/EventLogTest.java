package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  @TempDir
  Path folder;

  private static int masked(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    int value = (int) sum.getValue();
    return (value >>> 15 | value << 17) + 0xa282ead8;
  }

  /** The messages of a file of records, each checked by both of its sums. */
  private static List<byte[]> records(Path file) throws Exception {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (all.hasRemaining()) {
      byte[] length = new byte[8];
      all.get(length);
      assertEquals(masked(length), all.getInt());
      byte[] record = new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      all.get(record);
      assertEquals(masked(record), all.getInt());
      records.add(record);
    }
    return records;
  }

  @Test
  void eachNumberIsARecord() throws Exception {
    try (EventLog log = new EventLog(folder.resolve("log"))) {
      log.add("loss", 300, 0.5);
    }
    Path file;
    try (Stream<Path> files = Files.list(folder.resolve("log"))) {
      file = files.findFirst().orElseThrow();
    }
    assertTrue(file.getFileName().toString().startsWith("events.out.tfevents."));
    List<byte[]> records = records(file);
    assertEquals(2, records.size());
    assertTrue(new String(records.getFirst(), StandardCharsets.ISO_8859_1).endsWith("brain.Event:2"));
    ByteBuffer event = ByteBuffer.wrap(records.get(1)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(9, event.get());
    double seconds = event.getDouble();
    assertTrue(Math.abs(seconds - System.currentTimeMillis() / 1e3) < 600);
    byte[] rest = new byte[event.remaining()];
    event.get(rest);
    byte[] expected = {16, (byte) 0xac, 2, 42, 13, 10, 11, 10, 4, 'l', 'o', 's', 's', 21, 0, 0, 0, 0x3f};
    assertArrayEquals(expected, rest);
  }

  @Test
  void aFileInItsPlaceIsTold() throws Exception {
    Path file = Files.writeString(folder.resolve("log"), "");
    assertTrue(assertThrows(InvalidInputException.class, () -> new EventLog(file)).getMessage()
        .contains("cannot be written"));
  }
}
