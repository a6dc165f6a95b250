package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.openvino.InstalledOpenVino;
import dev.dwindle.engine.SampleFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code openvino:CPU} that goes away or has no memory left, by a library before OpenVINO's whose calls begin to fail. */
@Tag("openvino")
class DeviceFaultTest {
  private static final String GONE = "device 'openvino:CPU': went away while it was used: ov_infer_request_infer: device"
      + " removed; look with 'dwindle devices', and run the command again when it is back";
  private static final String FULL = "device 'openvino:CPU': out of memory: ov_core_compile_model_props: std::bad_alloc;"
      + " end other programs, or take a smaller batch or model";
  private static final String KEPT = "; \\d+ measurements? (is|are) kept in small\\.onnx\\.journal, and the same command"
      + " goes on from there";

  @TempDir
  static Path built;

  @TempDir
  Path folder;

  private Path out;
  private Program program;

  @BeforeAll
  static void build() throws Exception {
    InstalledOpenVino.cpu().close();
    try (InputStream source = InstalledOpenVino.class.getResourceAsStream("faults.cpp")) {
      Files.copy(source, built.resolve("faults.cpp"));
    }
    Process compiler = new ProcessBuilder("g++", "-shared", "-fPIC", "-o", "faults.so", "faults.cpp")
        .directory(built.toFile()).inheritIO().start();
    assertEquals(0, compiler.waitFor());
  }

  @BeforeEach
  void sample(@TempDir Path logs) {
    SampleFiles.copyTo(folder);
    out = folder.resolve("small.onnx");
    program = new Program(folder, logs.resolve("log.txt"));
  }

  /** Runs the program, whose call fails for good after so many; the exit code. */
  private int run(String fault, String... args) throws Exception {
    List<String> starter = List.of("/usr/bin/env", "LD_PRELOAD=" + built.resolve("faults.so"),
        "DWINDLE_FAULT=" + fault);
    Process process = program.start(starter, List.of("-Ddwindle.cache=" + System.getProperty("dwindle.cache"),
        "--enable-native-access=ALL-UNNAMED"), args);
    assertTrue(process.waitFor(300, TimeUnit.SECONDS), "still running after five minutes");
    return process.exitValue();
  }

  private int compress(String fault, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("compress", "glyphs.onnx", "-o", "small.onnx", "--int8", "--data",
        "glyphs.yaml", "--device", "openvino:CPU", "--runs", "20"));
    args.addAll(List.of(more));
    return run(fault, args.toArray(String[]::new));
  }

  private void assertOneLine(String pattern) throws Exception {
    assertEquals(1, program.lines().size(), program.lines().toString());
    assertTrue(program.lines().getFirst().matches(pattern), program.lines().getFirst());
  }

  @ParameterizedTest
  @CsvSource({"bench glyphs.onnx", "validate glyphs.onnx glyphs.onnx --data glyphs.yaml"})
  void aDeviceThatVanishesInOtherCommands(String command) throws Exception {
    List<String> args = new ArrayList<>(List.of(command.split(" ")));
    args.addAll(List.of("--device", "openvino:CPU"));
    assertEquals(ExitCode.DEVICE, run("infer 10 device removed", args.toArray(String[]::new)));
    assertOneLine("dwindle: \\Q" + GONE + "\\E");
    assertEquals(ExitCode.INTERNAL, run("compile 0 std::bad_alloc", args.toArray(String[]::new)));
    assertOneLine("dwindle: \\Q" + FULL + "\\E");
  }

  @Test
  void whatWasThereBeforeStaysWhole() throws Exception {
    byte[] old = "the previous file".getBytes();
    Files.write(out, old);
    assertEquals(ExitCode.DEVICE, compress("infer 20 device removed"));
    assertOneLine("dwindle: pass . of ., 'quantize', failed( after \\[.*\\])?: \\Q" + GONE + "\\E");
    assertEquals(ExitCode.INTERNAL, compress("compile 0 std::bad_alloc"));
    assertOneLine("dwindle: \\Q" + FULL + "\\E");
    assertEquals(ExitCode.INTERNAL, compress("compile 8 std::bad_alloc"));
    assertOneLine("dwindle: pass . of ., 'quantize', failed( after \\[.*\\])?: \\Q" + FULL + "\\E");
    assertArrayEquals(old, Files.readAllBytes(out));
    assertFalse(Program.names(folder).stream().anyMatch(name -> name.endsWith(".dwindle-part")));
  }

  /** That a device is full or gone says nothing of the nodes that it runs: none is remembered as refused. */
  @Test
  void aSearchGoesOnByTheSameCommand() throws Exception {
    Path cache = Path.of(System.getProperty("dwindle.cache"));
    var refusals = refusals(cache);
    Path journal = folder.resolve("small.onnx.journal");
    assertEquals(ExitCode.INTERNAL, compress("compile " + journal + " std::bad_alloc", "--max-drop", "1pt"));
    assertOneLine("dwindle: (pass .*: )?\\Q" + FULL + "\\E" + KEPT);
    Files.delete(journal);
    assertEquals(ExitCode.DEVICE, compress("infer " + journal + " device removed", "--max-drop", "1pt"));
    assertOneLine("dwindle: (pass .*: )?\\Q" + GONE + "\\E" + KEPT);
    assertEquals(refusals, refusals(cache));
    int ended = compress("none 0 -", "--max-drop", "1pt");
    assertTrue(ended == ExitCode.DONE || ended == ExitCode.GATE, program.lines().toString());
    assertTrue(Files.exists(out));
    assertFalse(Files.exists(journal));
  }

  /** What is remembered of nodes that devices refused, by file. */
  private static Map<String, String> refusals(Path cache) throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (String name : Program.names(cache)) {
      if (name.contains("refusals")) found.put(name, Files.readString(cache.resolve(name)));
    }
    return found;
  }
}
