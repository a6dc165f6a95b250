package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows over a WAV file, with a chunk of other kind before the samples. */
class WavWindowsTest {
  @TempDir
  Path folder;

  private void write(int channels, int promised, int... samples) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(54 + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    b.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(46 + 2 * samples.length);
    b.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1).putShort((short) channels);
    b.putInt(8000).putInt(16000).putShort((short) 2).putShort((short) 16);
    b.put("note".getBytes(StandardCharsets.US_ASCII)).putInt(1).putShort((short) 0);
    b.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * promised);
    for (int sample : samples) {
      b.putShort((short) sample);
    }
    Files.write(folder.resolve("a.wav"), b.array());
  }

  private List<Sample> samples(String settings) throws IOException {
    Path file = Files.writeString(folder.resolve("d.yaml"),
        "inputs: {i: {from: audio}}\nevaluation: {wav: {file: a.wav, window: 2, " + settings + "}}");
    try (Stream<Sample> samples = DataSet.read(file).evaluation().stream()) {
      return samples.toList();
    }
  }

  @Test
  void windowsOverlapByTheirContext() throws IOException {
    write(1, 5, 16384, -32768, 8192, 0, 1);
    Files.writeString(folder.resolve("l.txt"), "0\n1\n");
    List<Sample> samples = samples("context: 1, rate: 8000, labels: l.txt");
    assertEquals(2, samples.size());
    assertArrayEquals(new float[] {0, 0.5f, -1}, samples.get(0).inputs().get("i").floats());
    assertArrayEquals(new float[] {-1, 0.25f, 0}, samples.get(1).inputs().get("i").floats());
    assertEquals("true false", samples.get(0).first() + " " + samples.get(1).first());
    assertEquals(1, samples.get(1).label().longs()[0]);
  }

  @Test
  void flawsAreTold() throws IOException {
    write(1, 4, 1, 2, 3, 4);
    Files.writeString(folder.resolve("l.txt"), "0\n1\n0\n");
    refuses("labels: l.txt", "found 3 labels, expected 2");
    refuses("rate: 16000", "found 8000 Hz");
    refuses("context: 3", "found 3, expected at most the window of 2");
    refuses("window: 2", "second time");
    write(2, 4, 1, 2, 3, 4);
    refuses("context: 0", "2 channels of 16 bits, expected PCM");
    write(1, 9, 1, 2, 3, 4);
    refuses("context: 0", "found 8 bytes of samples, expected 18");
    Files.write(folder.resolve("a.wav"), new byte[20]);
    refuses("context: 0", "found no RIFF/WAVE header");
  }

  private void refuses(String settings, String expected) {
    String message = assertThrows(InvalidInputException.class, () -> samples(settings)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  @Test
  void aSequenceIsNotThinnedOut() throws IOException {
    write(1, 4, 1, 2, 3, 4);
    Path file = Files.writeString(folder.resolve("d.yaml"),
        "inputs: {i: {from: audio}}\nevaluation: {wav: {file: a.wav, window: 2}, take: even}");
    String message = assertThrows(InvalidInputException.class, () -> DataSet.read(file)).getMessage();
    assertTrue(message.contains("the windows are a sequence"), message);
  }
}
