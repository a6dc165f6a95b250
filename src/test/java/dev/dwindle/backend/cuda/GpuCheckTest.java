package dev.dwindle.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.report.JsonReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the bundle for GPUs does there, over the driver that stands in for NVIDIA's and with little of everything. Its parts {@code contract} and {@code models} are tests of
 * their own here, and {@code conformance} needs the node tests.
 */
@Tag("zoo")
@Tag("compiler")
class GpuCheckTest {
  private static final List<String> PARTS = List.of("narrow", "compression", "training", "bandwidth", "products",
      "inference");

  @TempDir
  static Path folder;

  private static Process start(Path said, String... args) throws Exception {
    Path cache = folder.resolve("cache");
    StandIn.fillCache(cache);
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC",
        "-Ddwindle.cache=" + cache, "-Ddwindle.cuda.driver=" + StandIn.make().path(),
        "-Ddwindle.zoo=" + System.getProperty("dwindle.zoo"), "-Ddwindle.gpu-check.runs=1",
        "-Ddwindle.gpu-check.numbers=5000", "-Ddwindle.gpu-check.side=64", "-Ddwindle.gpu-check.images=1",
        "-Ddwindle.gpu-check.compressed=lenet5_mnist", "-cp",
        System.getProperty("java.class.path"), GpuCheck.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
  }

  @Test
  void itsPartsRunAndAreWritten() throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("lenet5_mnist.yaml"), """
        metric: top-1
        inputs: {input: {scale: 1/255}}
        calibration: &few
          idx: {images: "${zoo}/data/mnist_train_images_idx3.gz", labels: "${zoo}/data/mnist_train_labels_idx1.gz"}
          limit: 70
        training: *few
        evaluation:
          idx: {images: "${zoo}/data/mnist_test_a_images_idx3.gz", labels: "${zoo}/data/mnist_test_a_labels_idx1.gz"}
          limit: 3
        """);
    Path result = folder.resolve("result.json");
    Path said = folder.resolve("said");
    List<String> args = new ArrayList<>(List.of(folder.toString(), result.toString()));
    args.addAll(PARTS);
    Process process = start(said, args.toArray(String[]::new));
    assertTrue(process.waitFor(10, TimeUnit.MINUTES), "still running after ten minutes");
    assertEquals(0, process.exitValue(), Files.readString(said));
    Map<?, ?> told = JsonReport.read(result.toString(), Files.readString(result), Map.class);
    for (String part : PARTS) {
      assertTrue(told.get(part) instanceof Map<?, ?> found && !found.containsKey("failed"), part + ": " + told);
    }
    assertFalse(((Map<?, ?>) told.get("bandwidth")).size() < 7, told.toString());
  }

  @Test
  void aPartThatThereIsNot() throws Exception {
    Path said = folder.resolve("wrong");
    Process process = start(said, folder.toString(), folder.resolve("none.json").toString(), "speed");
    assertTrue(process.waitFor(1, TimeUnit.MINUTES), "still running after a minute");
    assertEquals(2, process.exitValue());
    assertTrue(Files.readString(said).contains("gpu-check: no part 'speed', expected some of ["),
        Files.readString(said));
  }
}
