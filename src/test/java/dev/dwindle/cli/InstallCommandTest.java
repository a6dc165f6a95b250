package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code install openvino} and {@code install cuda} on machines that lack something, by fakes on PATH, and the real thing from a wheel. */
class InstallCommandTest {
  private static final String WHEEL = System.getProperty("dwindle.openvino");
  private static final String ELSEWHERE = "; fetch its wheel for CPython 3.12 on manylinux_2_28_x86_64 elsewhere and"
      + " give it by --from FILE";

  @TempDir
  Path folder;

  private String what = "openvino";
  private Path tools;
  private Path cache;
  private Program program;

  @BeforeEach
  void begin() throws IOException {
    tools = Files.createDirectory(folder.resolve("tools"));
    cache = Files.createDirectory(folder.resolve("cache"));
    program = new Program(folder, folder.resolve("log.txt"));
  }

  /** A program on PATH that does this. */
  private void fake(String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + script + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private Process start(String path, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("install", what));
    arguments.addAll(List.of(more));
    return program.start(List.of("/usr/bin/env", "PATH=" + path, "XDG_CACHE_HOME=" + cache),
        arguments.toArray(String[]::new));
  }

  /** Installs, with nothing but the fakes on PATH; the last line is what went wrong, and nothing is left. */
  private String refused(int code, String... more) throws Exception {
    return refused(tools.toString(), code, more);
  }

  private String refused(String path, int code, String... more) throws Exception {
    Process process = start(path, more);
    assertTrue(process.waitFor(300, TimeUnit.SECONDS), "still running after five minutes");
    assertEquals(code, process.exitValue(), () -> String.join("\n", lines()));
    assertNothingLeft();
    return lines().getLast();
  }

  private List<String> lines() {
    try {
      return program.lines();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      assertEquals(List.of(), files.filter(f -> !Files.isDirectory(f) || f.toString().contains("openvino")).toList());
    }
  }

  @Test
  void namesWhatCanBeInstalled() {
    assertEquals("dwindle: install 'cuba': unknown, expected one of [openvino, cuda, cublas]",
        Console.run("install", "cuba").err().strip());
  }

  @Test
  void withoutACompiler() throws Exception {
    assertEquals("dwindle: install openvino: no g++ on PATH, which builds the bindings; install a C++ compiler"
        + " (Debian: apt-get install g++)", refused(3));
  }

  @Test
  void withoutPython() throws Exception {
    fake("g++", "exit 0");
    assertEquals("dwindle: install openvino: no python3 on PATH, which fetches OpenVINO from PyPI" + ELSEWHERE,
        refused(3));
  }

  @Test
  void anotherOneTellsItsLicenceAndWhichWheelItIs() throws Exception {
    what = "cuda";
    fake("g++", "exit 0");
    assertEquals(
        "dwindle: install cuda: no python3 on PATH, which fetches NVRTC from PyPI; fetch its wheel for Python 3"
            + " on manylinux_2_12_x86_64 elsewhere and give it by --from FILE",
        refused(3));
    assertEquals("NVRTC is NVIDIA's own, proprietary, under the licence that comes with it"
        + " (nvidia_cuda_nvrtc-13.1.115.dist-info/licenses/License.txt)", lines().getFirst());
  }

  @Test
  void withoutPip() throws Exception {
    fake("g++", "exit 0");
    fake("python3", "echo '/usr/bin/python3: No module named pip'; exit 1");
    assertEquals("dwindle: install openvino: pip could not fetch openvino 2026.4.1: /usr/bin/python3: No module named"
        + " pip" + ELSEWHERE, refused(3));
  }

  @Test
  void offline() throws Exception {
    fake("g++", "exit 0");
    fake("python3", "echo 'WARNING: Retrying'; echo 'ERROR: No matching distribution found for openvino==2026.4.1'; "
        + "echo; exit 1");
    assertEquals("dwindle: install openvino: pip could not fetch openvino 2026.4.1: ERROR: No matching distribution"
        + " found for openvino==2026.4.1" + ELSEWHERE, refused(3));
  }

  @Test
  void anotherWheelThanThePinnedOne() throws Exception {
    fake("g++", "exit 0");
    fake("python3", "while [ \"$1\" != --dest ]; do shift; done; echo other >\"$2/openvino.whl\"");
    String line = refused(2);
    assertTrue(line.matches("dwindle: .*/openvino\\.whl: found SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}"
        + " \\(openvino 2026\\.4\\.1 for CPython 3\\.12\\); fetch it again"), line);
  }

  @Test
  void anArchiveThatIsNotThere() throws Exception {
    fake("g++", "exit 0");
    assertEquals("dwindle: " + folder.toRealPath() + "/none.whl: not found, expected OpenVINO's wheel",
        refused(2, "--from", "none.whl"));
  }

  @Test
  void aCacheThatTakesNoFiles() throws Exception {
    fake("g++", "exit 0");
    Files.writeString(cache.resolve("dwindle"), "a file where the folder would be");
    Process process = start(tools.toString());
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(2, process.exitValue());
    assertTrue(lines().getLast().contains("cannot be written: "), lines().toString());
    assertEquals(1, lines().size(), lines().toString());
  }

  @Test
  void interrupted() throws Exception {
    fake("g++", "exit 0");
    fake("python3",
        "while [ \"$1\" != --dest ]; do shift; done; echo half >\"$2/half.whl\"; touch begun; exec /bin/sleep 600");
    Process process = start(tools.toString());
    for (int i = 0; i < 600 && lines().isEmpty(); i++) Thread.sleep(100);
    Thread.sleep(500);
    assertEquals(0, new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still running 30 s after INT");
    assertEquals(130, process.exitValue());
    assertNothingLeft();
    assertEquals("dwindle: interrupted; what was being written is gone, what was there before is whole",
        lines().getLast());
  }

  @Tag("openvino")
  @Test
  void aCompilerThatFails() throws Exception {
    fake("g++", "echo 'g++: fatal error: Killed signal terminated program cc1plus' >&2; exit 1");
    assertEquals("dwindle: install openvino: the bindings could not be built: g++: fatal error: Killed signal"
        + " terminated program cc1plus", refused(3, "--from", WHEEL));
  }

  @Tag("openvino")
  @Test
  void installsRepairsAndLeavesAlone() throws Exception {
    String path = System.getenv("PATH");
    assertLines(path, WHEEL, "unpacking openvino-", "building the bindings with g++", "installed openvino 2026.4.1: ");
    assertLines(path, WHEEL, "openvino 2026.4.1 is there already, undamaged: ");
    Path plugin = cache.resolve("dwindle/openvino-2026.4.1-1/openvino/libs/libopenvino_intel_cpu_plugin.so");
    Files.delete(plugin);
    assertDevice("openvino:CPU  not available: OpenVINO in " + cache + "/dwindle/openvino-2026.4.1-1 is damaged: "
        + "openvino/libs/libopenvino_intel_cpu_plugin.so is missing; run 'dwindle install openvino'");
    assertLines(path, WHEEL,
        "openvino 2026.4.1 is damaged (openvino/libs/libopenvino_intel_cpu_plugin.so is missing): ",
        "unpacking openvino-", "building the bindings with g++", "installed openvino 2026.4.1: ");
    assertTrue(Files.exists(plugin));
    assertEquals(List.of("openvino-2026.4.1-1"), List.copyOf(Program.names(cache.resolve("dwindle"))));
  }

  @Tag("nvrtc")
  @Test
  void installsNvrtcWithItsLicence() throws Exception {
    what = "cuda";
    String path = System.getenv("PATH");
    String wheel = System.getProperty("dwindle.nvrtc");
    assertLines(path, wheel, "NVRTC is NVIDIA's own, proprietary", "unpacking nvidia_cuda_nvrtc-13.1.115-",
        "building the bindings with g++", "installed nvidia-cuda-nvrtc 13.1.115: 5 files in ");
    assertLines(path, wheel, "nvidia-cuda-nvrtc 13.1.115 is there already, undamaged: ");
    assertTrue(Files.exists(cache.resolve("dwindle/nvidia-cuda-nvrtc-13.1.115-1"
        + "/nvidia_cuda_nvrtc-13.1.115.dist-info/licenses/License.txt")));
  }

  private void assertLines(String path, String wheel, String... beginnings) throws Exception {
    Process process = start(path, "--from", wheel);
    assertTrue(process.waitFor(300, TimeUnit.SECONDS), "still running after five minutes");
    assertEquals(0, process.exitValue(), () -> lines().toString());
    assertEquals(beginnings.length, lines().size(), lines().toString());
    for (int i = 0; i < beginnings.length; i++) {
      assertTrue(lines().get(i).startsWith(beginnings[i]), lines().toString());
    }
  }

  private void assertDevice(String line) throws Exception {
    Process process = program.start(List.of("/usr/bin/env", "XDG_CACHE_HOME=" + cache), "devices");
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertTrue(lines().contains(line), lines().toString());
  }
}
