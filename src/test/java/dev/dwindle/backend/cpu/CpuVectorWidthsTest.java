package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.kernel.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The backend's contract once more, in JVMs that are told to use narrower vectors or fewer registers. */
class CpuVectorWidthsTest {
  @ParameterizedTest
  @ValueSource(strings = {"-XX:MaxVectorSize=16", "-XX:MaxVectorSize=32", "-XX:MaxVectorSize=64", "-XX:UseAVX=2"})
  void holdsWith(String flag) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+IgnoreUnrecognizedVMOptions", flag, "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC",
        "-cp", System.getProperty("java.class.path"), CpuVectorWidthsTest.class.getName())
        .redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains(" cases hold on "), output);
  }

  public static void main(String[] args) {
    System.out.println(new CpuBackendTest().holdAll() + " cases hold on " + Machine.current());
  }
}
