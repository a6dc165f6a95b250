package dev.dwindle.data;

import dev.dwindle.data.Field.Numbers;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Windows over a mono WAV file of 16-bit samples, one after the other as a sequence: field {@code audio} holds the last
 * samples of the window before (zeros at first) and those of the window, each divided by 32768.
 */
final class WavWindows implements Source {
  private static final int RIFF = 0x46464952;
  private static final int WAVE = 0x45564157;
  private static final int FORMAT = 0x20746d66;
  private static final int DATA = 0x61746164;
  private static final int MOST_SAMPLES = 1 << 24;

  /** Where the samples stand in a file. */
  private record Audio(Path file, int rate, long offset, long samples) {}

  private final Audio audio;
  private final int window;
  private final int context;
  private final List<Long> labels;
  private final long count;

  private WavWindows(Audio audio, int window, int context, List<Long> labels) {
    this.audio = audio;
    this.window = window;
    this.context = context;
    this.labels = labels;
    this.count = audio.samples() / window;
  }

  /**
   * {@code wav: {file: FILE, window: SAMPLES, context: SAMPLES, rate: HERTZ, labels: FILE}}; the labels' file has one
   * whole number a line for each window.
   */
  static Source source(Yaml settings, Places places) {
    Map<String, Yaml> keys = settings.mapping(Set.of("file", "window", "context", "rate", "labels"));
    if (!keys.containsKey("file") || !keys.containsKey("window")) {
      throw settings.error("found keys " + keys.keySet() + ", expected 'file' and 'window' at least");
    }
    Audio audio = audio(places.file(keys.get("file")));
    int window = number(keys.get("window"), 1);
    int context = keys.containsKey("context") ? number(keys.get("context"), 0) : 0;
    if (context > window) {
      throw keys.get("context").error("found " + context + ", expected at most the window of " + window);
    }
    if (keys.containsKey("rate") && keys.get("rate").whole() != audio.rate()) {
      throw keys.get("rate")
          .error("found " + audio.rate() + " Hz in " + audio.file() + ", expected " + keys.get("rate").whole());
    }
    List<Long> labels = keys.containsKey("labels") ? labels(places.file(keys.get("labels"))) : null;
    WavWindows windows = new WavWindows(audio, window, context, labels);
    if (windows.count == 0) {
      throw settings.error(
          "found " + audio.samples() + " samples in " + audio.file() + ", expected at least one window of " + window);
    }
    if (labels != null && labels.size() != windows.count) {
      throw keys.get("labels").error(
          "found " + labels.size() + " labels, expected " + windows.count + ", one for each window of " + audio.file());
    }
    return windows;
  }

  private static int number(Yaml value, int least) {
    long number = value.whole();
    if (number < least || number > MOST_SAMPLES) {
      throw value.error("found " + number + ", expected " + least + " to " + MOST_SAMPLES + " samples");
    }
    return (int) number;
  }

  private static List<Long> labels(Path file) {
    try {
      return Places.lines(file).stream().map(String::strip).filter(line -> !line.isEmpty()).map(Long::valueOf).toList();
    } catch (NumberFormatException e) {
      throw new InvalidInputException(file + ": " + e.getMessage() + ", expected one whole number a line", e);
    }
  }

  private static Audio audio(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer head = at(channel, 0, 12);
      if (head.getInt(0) != RIFF || head.getInt(8) != WAVE) {
        throw new InvalidInputException(file + ": found no RIFF/WAVE header, expected a WAV file");
      }
      int rate = 0;
      for (long place = 12; place + 8 <= channel.size();) {
        ByteBuffer chunk = at(channel, place, 8);
        long bytes = Integer.toUnsignedLong(chunk.getInt(4));
        if (chunk.getInt(0) == FORMAT) {
          rate = rate(file, at(channel, place + 8, 16));
        } else if (chunk.getInt(0) == DATA && rate > 0) {
          if (place + 8 + bytes > channel.size()) {
            throw new InvalidInputException(
                file + ": found " + (channel.size() - place - 8) + " bytes of samples, expected " + bytes);
          }
          return new Audio(file, rate, place + 8, bytes / 2);
        }
        place += 8 + bytes + (bytes & 1);
      }
      throw new InvalidInputException(file + ": found no samples, expected chunks 'fmt ' and 'data'");
    } catch (IOException e) {
      throw Places.unreadable(file, e);
    }
  }

  private static int rate(Path file, ByteBuffer format) {
    int code = format.getShort(0);
    int channels = format.getShort(2);
    int bits = format.getShort(14);
    if (code != 1 || channels != 1 || bits != 16) {
      throw new InvalidInputException(
          file + ": found format " + code + " with " + channels + " channels of " + bits
              + " bits, expected PCM (1), one channel, 16 bits");
    }
    return Math.max(1, format.getInt(4));
  }

  private static ByteBuffer at(FileChannel channel, long place, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, place + buffer.position()) < 0) {
        throw new IOException("the file ends at byte " + channel.size() + ", expected " + bytes + " at " + place);
      }
    }
    return buffer.flip();
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public Set<String> fields() {
    return labels == null ? Set.of("audio") : Set.of("audio", "label");
  }

  @Override
  public boolean isSequence() { return true; }

  @Override
  public Rows open() throws IOException {
    FileChannel channel = FileChannel.open(audio.file());
    return new Rows() {
      private int index;

      @Override
      public Row next() throws IOException {
        int at = index++;
        Tensor window = window(channel, at);
        Map<String, Supplier<Field>> fields = new LinkedHashMap<>();
        fields.put("audio", () -> new Numbers(window));
        if (labels != null) {
          fields.put("label", () -> Field.label(labels.get(at)));
        }
        return new Row(audio.file() + " window " + at, at == 0, false, fields);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  private Tensor window(FileChannel channel, int index) throws IOException {
    int before = index == 0 ? 0 : context;
    ByteBuffer samples = at(channel, audio.offset() + 2 * ((long) index * window - before), 2 * (before + window));
    float[] values = new float[context + window];
    for (int i = context - before; i < values.length; i++) {
      values[i] = samples.getShort() / 32768f;
    }
    return Tensor.of(Shape.of(values.length), values);
  }
}
