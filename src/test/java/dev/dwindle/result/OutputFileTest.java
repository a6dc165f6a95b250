package dev.dwindle.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  @TempDir
  Path folder;

  private static OutputFile.Content text(String text) {
    return channel -> channel.write(ByteBuffer.wrap(text.getBytes()));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFileIsReplacedWhole() throws IOException {
    Path target = folder.resolve("out");
    OutputFile.write(target, text("one"));
    OutputFile.write(target, text("two"));
    assertEquals("two", Files.readString(target));
    assertEquals(List.of("out"), files());
  }

  @Test
  void afterAFailureThePreviousFileStands() throws IOException {
    Path target = Files.writeString(folder.resolve("out"), "before");
    assertThrows(InvalidInputException.class, () -> OutputFile.write(target, channel -> {
      channel.write(ByteBuffer.wrap(new byte[100]));
      throw new IOException("disk full");
    }));
    assertEquals("before", Files.readString(target));
    assertEquals(List.of("out"), files());
  }

  @Test
  void leftoversOfAKilledRunAreRemovedAndThoseOfALivingOneStay() throws IOException, InterruptedException {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    long alive = ProcessHandle.current().parent().orElseThrow().pid();
    Files.writeString(folder.resolve(".out." + gone.pid() + "-1.dwindle-part"), "half");
    Files.writeString(folder.resolve(".out.12ab.data." + gone.pid() + "-2.dwindle-part"), "half");
    Files.writeString(folder.resolve(".other." + gone.pid() + "-1.dwindle-part"), "half");
    Files.writeString(folder.resolve(".out." + alive + "-1.dwindle-part"), "half");
    OutputFile.write(folder.resolve("out"), text("whole"));
    assertEquals(List.of(".other." + gone.pid() + "-1.dwindle-part", ".out." + alive + "-1.dwindle-part", "out"),
        files());
  }

  @Test
  void aMissingFolderIsNamed() {
    Path target = folder.resolve("missing/out");
    String message = assertThrows(InvalidInputException.class, () -> OutputFile.write(target, text(""))).getMessage();
    assertTrue(message.startsWith(target + ": cannot be written: folder " + target.getParent() + " is missing"),
        message);
  }

  /** A program that does nothing but replace files. */
  static final class EndlessWriter {
    private EndlessWriter() {}

    public static void main(String[] args) {
      for (int i = 0;; i = (i + 1) % 50) {
        OutputFile.write(Path.of(args[0], "out" + i), "x".repeat(20_000));
      }
    }
  }

  @Test
  void aProgramThatIsEndedAmongItsFilesLeavesWholeOnesAndNoOther(@TempDir Path logs) throws Exception {
    Path log = logs.resolve("log.txt");
    for (int round = 0; round < 10; round++) {
      Files.deleteIfExists(folder.resolve("out0"));
      Process process = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-cp",
          System.getProperty("java.class.path"), EndlessWriter.class.getName(), folder.toString())
          .redirectErrorStream(true).redirectOutput(log.toFile()).start();
      Path first = folder.resolve("out0");
      while (process.isAlive() && !Files.exists(first)) Thread.sleep(5);
      Thread.sleep(50 + 7 * round);
      process.destroy();
      assertEquals(143, process.waitFor());
      assertEquals("", Files.readString(log));
      for (String file : files()) {
        assertTrue(file.startsWith("out"), file);
        assertEquals(20_000, Files.size(folder.resolve(file)), file);
      }
    }
  }
}
