package dev.dwindle.backend;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;

/** Another program, run to its end; what it prints is told only where it fails. */
final class Tool {
  private Tool() {}

  /** An error where there is no program of this name on PATH, which says what is to be installed and what it is needed for. */
  static void require(String name, String installed, String purpose) {
    String path = System.getenv().getOrDefault("PATH", "");
    boolean found = Stream.of(path.split(File.pathSeparator)).filter(folder -> !folder.isEmpty())
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    if (!found) {
      throw new DeviceUnavailableException("install " + installed + ": no " + name + " on PATH, which " + purpose);
    }
  }

  /**
   * Runs a program in a folder; ends it where this thread is interrupted.
   *
   * @return null where it ended well, else the line of its output that says most
   */
  static String run(Path folder, List<String> command) throws IOException {
    Path log = Files.createTempFile(folder, "log", ".txt");
    Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
        .redirectOutput(log.toFile()).start();
    try {
      int code = process.waitFor();
      return code == 0 ? null : reason(Files.readString(log), code);
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted while " + command.getFirst() + " ran");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.deleteIfExists(log);
    }
  }

  /** The last line that names an error; the last of all where none does. */
  private static String reason(String output, int code) {
    List<String> lines = output.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    Comparator<String> telling = Comparator
        .comparing(line -> line.matches("(?i)(?!.*exception).*(error|no module named|cannot).*"));
    return lines.reversed().stream().max(telling.thenComparing(line -> 0)).orElse("it ended with code " + code);
  }
}
