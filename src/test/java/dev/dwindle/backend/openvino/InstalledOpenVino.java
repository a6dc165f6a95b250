package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.WheelInstaller;
import dev.dwindle.backend.cpu.CpuBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** OpenVINO for tests: installed once, from the wheel that {@code -Ddwindle.openvino} names, into the cache of the tests. */
public final class InstalledOpenVino {
  static {
    new WheelInstaller(OpenVinoRelease.WHEEL).install(Path.of(System.getProperty("dwindle.openvino")), line -> {});
  }

  private InstalledOpenVino() {}

  /** The device as users get it. */
  public static Backend cpu() {
    return new Partitioned(alone(), new CpuBackend());
  }

  /**
   * What a program prints that starts with "told: ", run where OpenVINO has AVX2 at most: in a process of its own, for it looks once which
   * instructions there are.
   */
  static List<String> toldOnAvx2(Class<?> program) throws IOException, InterruptedException {
    cpu().close();
    ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
        "-Ddwindle.openvino=" + System.getProperty("dwindle.openvino"),
        "-Ddwindle.cache=" + System.getProperty("dwindle.cache"),
        "-cp", System.getProperty("java.class.path"), program.getName()).redirectErrorStream(true);
    builder.environment().put("ONEDNN_MAX_CPU_ISA", "AVX2");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().filter(line -> line.startsWith("told: ")).toList();
  }

  /** The device without a fallback. */
  static OpenVinoBackend alone() {
    return new OpenVinoBackend("CPU");
  }
}
