package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cuda.StandIn;
import dev.dwindle.engine.SampleFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program on {@code cuda:0}, where a driver stands in for NVIDIA's: that it runs, and what it says where the GPU does not. */
@Tag("compiler")
class GpuFaultTest {
  private static final String GONE = "device 'cuda:0': went away while it was used: cu\\w+: code 999,"
      + " CUDA_ERROR_UNKNOWN \\(removed\\); look with 'dwindle devices', and run the command again when it is back";
  private static final String FULL = "device 'cuda:0': out of memory: found [0-9.]+ KiB free of [0-9.]+ KiB, expected"
      + " [0-9.]+ KiB; end other programs, or take a smaller batch or model";
  private static final String KEPT = "; \\d+ measurements? (is|are) kept in small\\.onnx\\.journal, and the same command"
      + " goes on from there";

  @TempDir
  static Path cache;

  private static String driver;

  @TempDir
  Path folder;

  private Path out;
  private Program program;

  @BeforeAll
  static void build() {
    driver = StandIn.make().path();
    StandIn.fillCache(cache);
  }

  /** The library that counts energy, which takes seconds for each model. */
  private String nvml = "none";

  @BeforeEach
  void sample(@TempDir Path logs) {
    SampleFiles.copyTo(folder);
    out = folder.resolve("small.onnx");
    program = new Program(folder, logs.resolve("log.txt"));
  }

  /** Runs the program with what the environment says of the driver; the exit code. */
  private int run(String environment, String... args) throws Exception {
    List<String> starter = new ArrayList<>(List.of("/usr/bin/env"));
    if (!environment.isEmpty()) starter.add(environment);
    Process process = program.start(starter,
        List.of("-Ddwindle.cache=" + cache, "-Ddwindle.cuda.driver=" + driver, "-Ddwindle.cuda.nvml=" + nvml,
            "--enable-native-access=ALL-UNNAMED"),
        args);
    assertTrue(process.waitFor(300, TimeUnit.SECONDS), "still running after five minutes");
    return process.exitValue();
  }

  private int bench(String environment, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("bench", "glyphs.onnx", "--device", "cuda:0", "--runs", "20",
        "--seconds", "2"));
    args.addAll(List.of(more));
    return run(environment, args.toArray(String[]::new));
  }

  private int compress(String environment, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("compress", "glyphs.onnx", "-o", "small.onnx", "--int8", "--data",
        "glyphs.yaml", "--device", "cuda:0", "--runs", "20", "--seconds", "2", "--evaluation-samples", "40",
        "--calibration-samples",
        "8", "--even-if-slower"));
    args.addAll(List.of(more));
    return run(environment, args.toArray(String[]::new));
  }

  private List<String> said() {
    try {
      return program.lines();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertOneLine(String pattern) throws Exception {
    assertEquals(1, program.lines().size(), program.lines().toString());
    assertTrue(program.lines().getFirst().matches(pattern), program.lines().getFirst());
  }

  @Test
  void theDeviceIsListedAndRuns() throws Exception {
    assertEquals(ExitCode.DONE, run("", "devices"));
    assertTrue(program.lines().contains("cuda:0  Stand-in GPU"), program.lines().toString());
    assertEquals(ExitCode.DONE, bench(""), program.lines().toString());
    assertEquals(ExitCode.DONE, bench("", "--device-memory", "1M"), program.lines().toString());
  }

  @Test
  void energyIsThatOfTheGpuToo() throws Exception {
    nvml = driver;
    assertEquals(ExitCode.DONE, bench(""));
    assertTrue(program.lines().stream().anyMatch(line -> line.matches(" *[0-9.]+ mJ \\[[0-9., ]+\\] a sample")),
        program.lines().toString());
    assertTrue(
        program.lines().stream()
            .anyMatch(line -> line.matches(" *energy: that of the (processor and the device|device alone)")),
        program.lines().toString());
    assertEquals(ExitCode.DONE, bench("STAND_IN_ENERGY=3"));
    assertTrue(
        program.lines().stream().anyMatch(line -> line.contains("not available: cuda:0 does not count its energy")),
        program.lines().toString());
    assertEquals(ExitCode.DONE, bench("STAND_IN_ENERGY=999"));
    assertTrue(program.lines().stream().anyMatch(line -> line
        .contains("the energy of cuda:0: nvmlDeviceGetTotalEnergyConsumption failed with 999")),
        program.lines().toString());
  }

  @Test
  void aDriverThatIsTooOld() throws Exception {
    assertEquals(ExitCode.DEVICE, bench("STAND_IN_VERSION=12040"));
    assertOneLine("dwindle: device 'cuda:0': NVIDIA's driver is one for CUDA 12\\.4, expected 13\\.0 or newer;"
        + " install a newer driver");
  }

  @Test
  void aDeviceWithoutMemory() throws Exception {
    assertEquals(ExitCode.INTERNAL, bench("STAND_IN_MEMORY=4096"));
    assertOneLine("dwindle: " + FULL);
    assertEquals(ExitCode.INTERNAL, bench("", "--device-memory", "4k"));
    assertOneLine("dwindle: device 'cuda:0': out of memory: found [0-9.]+ KiB free of 3\\.9 KiB that are allowed, .*");
  }

  @Test
  void aLimitForAnotherDevice() throws Exception {
    assertEquals(ExitCode.INPUT, run("", "bench", "glyphs.onnx", "--device-memory", "1G"));
    assertOneLine(
        "dwindle: --device-memory: found beside cpu, expected a device with memory of its own, such as cuda:0");
  }

  @Test
  void aGpuThatIsRemoved() throws Exception {
    assertEquals(ExitCode.DEVICE, bench("STAND_IN_FAILURE=cuLaunchKernel:10:999"));
    assertOneLine("dwindle: " + GONE);
    // While samples are observed there is nothing to keep yet.
    assertEquals(ExitCode.DEVICE, compress("STAND_IN_FAILURE=cuLaunchKernel:10:999"));
    assertOneLine("dwindle: (pass .*: )?" + GONE);
    assertEquals(List.of(), Program.names(folder).stream().filter(name -> name.startsWith("small")).toList());
    // The model is written whole before it is run.
    assertEquals(ExitCode.DEVICE, compress("STAND_IN_FAILURE=cuLaunchKernel:10" + out + ":999"));
    assertOneLine("dwindle: " + GONE);
    assertEquals(ExitCode.DONE, run("", "inspect", "small.onnx"), program.lines().toString());
    assertFalse(Program.names(folder).stream().anyMatch(name -> name.endsWith(".dwindle-part")));
  }

  @Test
  void aSearchGoesOnByTheSameCommand() throws Exception {
    Path journal = folder.resolve("small.onnx.journal");
    assertEquals(ExitCode.DEVICE,
        compress("STAND_IN_FAILURE=cuGraphLaunch:60" + journal + ":999", "--max-drop", "1pt"),
        () -> String.join("\n", said()));
    assertOneLine("dwindle: (pass .*: )?" + GONE + KEPT);
    assertEquals(ExitCode.DEVICE,
        compress("STAND_IN_FAILURE=cuGraphLaunch:60" + out + ":999", "--max-drop", "1pt"),
        () -> String.join("\n", said()));
    assertOneLine("dwindle: (pass .*: )?" + GONE + KEPT);
    // The best so far.
    assertEquals(ExitCode.DONE, run("", "inspect", "small.onnx"), program.lines().toString());
    int ended = compress("", "--max-drop", "1pt");
    assertTrue(ended == ExitCode.DONE || ended == ExitCode.GATE, program.lines().toString());
    assertTrue(Files.exists(out));
    assertFalse(Files.exists(journal));
  }
}
