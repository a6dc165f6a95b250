package dev.dwindle.search;

import dev.dwindle.report.JsonReport;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What a search has measured so far, a line of JSON for each measurement, beside the file that it is to write. A search that was killed
 * finds its measurements here and goes on at the first one that is missing; a line that was cut off is missing too.
 */
final class Journal implements AutoCloseable {
  /** One line. The first one's key is {@link #JOB} and its value says whose journal this is. */
  private record Entry(String key, String value) {}

  private static final String JOB = "job";

  /** Those of this process that hold measurements of a search that is not over, and how many. */
  private static final Map<Path, Integer> UNFINISHED = new ConcurrentHashMap<>();

  private final Path file;
  private final FileChannel channel;
  private final Map<String, String> known = new HashMap<>();

  private Journal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a journal; one of another job, or a file that is none, begins anew.
   *
   * @param job what the measurements depend on
   * @throws InvalidInputException where another process has it open, or the file cannot be written
   */
  static Journal open(Path file, String job) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
          StandardOpenOption.WRITE);
      Journal journal = new Journal(file, channel);
      try {
        journal.lock();
        journal.read(job);
        return journal;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private void lock() throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) return;
    } catch (OverlappingFileLockException e) {
      // As if another process had it.
    }
    throw new InvalidInputException(file + ": is in use, expected no other run that writes the same model");
  }

  private void read(String job) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int from = 0;
    for (int end = lineEnd(bytes, 0); end >= 0; end = lineEnd(bytes, from)) {
      Entry entry = entry(new String(bytes, from, end - from, StandardCharsets.UTF_8));
      boolean first = from == 0;
      if (entry == null || (first && !(entry.key().equals(JOB) && entry.value().equals(job)))) break;
      if (!first) known.put(entry.key(), entry.value());
      from = end + 1;
    }
    channel.truncate(from);
    channel.position(from);
    if (from == 0) append(new Entry(JOB, job));
    if (size() > 0) UNFINISHED.put(file, size());
  }

  private static int lineEnd(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] == '\n') return i;
    }
    return -1;
  }

  private Entry entry(String line) {
    try {
      Entry entry = JsonReport.read(file.toString(), line, Entry.class);
      return entry == null || entry.key() == null || entry.value() == null ? null : entry;
    } catch (InvalidInputException e) {
      return null;
    }
  }

  /** The journals whose searches are not over, and how many measurements each holds; each is told once. */
  static Map<Path, Integer> takeUnfinished() {
    Map<Path, Integer> taken = new HashMap<>(UNFINISHED);
    UNFINISHED.keySet().removeAll(taken.keySet());
    taken.keySet().removeIf(file -> !Files.exists(file));
    return taken;
  }

  /** How many measurements it holds. */
  int size() {
    return known.size();
  }

  /** What was measured under this key; measured now, and on disk when this returns, where it was not. */
  <T> T once(String key, Class<T> type, Supplier<T> measurement) {
    String text = known.get(key);
    if (text != null) return JsonReport.read(file.toString(), text, type);
    T value = measurement.get();
    text = JsonReport.line(value);
    known.put(key, text);
    append(new Entry(key, text));
    UNFINISHED.put(file, size());
    // Read back, so that a search that resumes sees the very same numbers.
    return JsonReport.read(file.toString(), text, type);
  }

  private void append(Entry entry) {
    ByteBuffer line = ByteBuffer.wrap((JsonReport.line(entry) + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (line.hasRemaining()) channel.write(line);
      channel.force(false);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Removes a journal that nobody has open. */
  static void remove(Path file) {
    UNFINISHED.remove(file);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** One that holds no measurement is removed: nothing would be gained by it. */
  @Override
  public void close() {
    try (channel) {
      if (known.isEmpty()) Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static InvalidInputException unwritable(Path file, IOException e) {
    return new InvalidInputException(file + ": the journal of the search cannot be written (" + e.getMessage() + ")",
        e);
  }
}
