package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Folders that take no files and disks that are full, met by processes. By permission bits and a limit on the size of
 * files everywhere; by file systems of their own ({@code mounts}) where this machine lets a process mount one.
 */
class UnwritableTest {
  private static final String OLD = "the previous file";
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  @TempDir
  Path root;

  private Path out;
  private Program program;

  @BeforeEach
  void sample() throws IOException {
    Path folder = Files.createDirectory(root.resolve("work"));
    SampleFiles.copyTo(folder);
    new BadFiles(folder).images("images.npz", 1024);
    out = Files.createDirectory(folder.resolve("out"));
    program = new Program(folder, root.resolve("log.txt"));
  }

  @AfterEach
  void letTheFolderBeDeleted() {
    out.toFile().setWritable(true);
  }

  /** A file that is to be written, and the command that writes it. */
  static Stream<Arguments> writers() {
    return Stream.of(
        Arguments.of("out/small.onnx", "compress glyphs.onnx --int8 --data glyphs.yaml --no-measure -o out/small.onnx"),
        Arguments.of("out/page.html", "validate glyphs.onnx glyphs.onnx --data glyphs.yaml --evaluation-samples 20"
            + " --runs 5 --seconds 0.1 --report out/page.html"),
        Arguments.of("out/y.npz", "run glyphs.onnx --inputs images.npz --output out/y.npz"));
  }

  @ParameterizedTest
  @MethodSource("writers")
  void aFolderWithoutPermission(String file, String command) throws Exception {
    // The administrator is above permission bits, but not without capabilities.
    List<String> starter = ROOT ? List.of("setpriv", "--bounding-set", "-all") : List.of();
    Files.writeString(program.folder().resolve(file), OLD);
    assertTrue(out.toFile().setWritable(false));
    assertRefused(starter, command, file, "folder " + out.toRealPath() + " is not writable");
    assertWhole(file);
  }

  @ParameterizedTest
  @MethodSource("writers")
  void aFileBeyondTheLimit(String file, String command) throws Exception {
    Files.writeString(program.folder().resolve(file), OLD);
    assertRefused(List.of("sh", "-c", "ulimit -f 8 && exec \"$@\"", "sh"), command, file, "File too large");
    assertWhole(file);
  }

  @Tag("mounts")
  @ParameterizedTest
  @MethodSource("writers")
  void aReadOnlyFileSystem(String file, String command) throws Exception {
    assertRefused(mounted("-o size=64k", "mount -o remount,ro out", file), command, file,
        "folder " + out.toRealPath() + " is not writable");
    assertWhole(file);
  }

  @Tag("mounts")
  @ParameterizedTest
  @MethodSource("writers")
  void aFullDisk(String file, String command) throws Exception {
    assertRefused(mounted("-o size=8k", "true", file), command, file, "No space left on device");
    assertWhole(file);
  }

  /** Starts a command on a file system that only its process sees, and copies what is left there to the real folder. */
  private List<String> mounted(String size, String then, String file) {
    String script = String.join(" && ", "mount -t tmpfs " + size + " tmpfs out", "printf '%s' '" + OLD + "' >" + file,
        then) + " || exit 99; mkdir ../left; \"$@\"; code=$?; cp -a out/. ../left; umount out; cp -a ../left/. out;"
        + " exit $code";
    return ROOT ? List.of("unshare", "--mount", "sh", "-c", script, "sh")
        : List.of("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh");
  }

  private void assertRefused(List<String> starter, String command, String file, String reason) throws Exception {
    Process process = program.start(starter, command.split(" "));
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "still running after two minutes");
    assertEquals(List.of("dwindle: " + file + ": cannot be written: " + reason), program.lines());
    assertEquals(2, process.exitValue());
  }

  /** The file that was there is as it was, and nothing is beside it. */
  private void assertWhole(String file) throws IOException {
    assertEquals(OLD, Files.readString(program.folder().resolve(file)));
    assertEquals(Set.of(Path.of(file).getFileName().toString()), Program.names(out));
  }
}
