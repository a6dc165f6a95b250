package dev.dwindle.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.report.JsonReport;
import dev.dwindle.result.JobResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peak memory (VmHWM) of a compression as a process of its own does not grow with the calibration samples. */
@Tag("zoo")
class CalibrationMemoryTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"minmax", "moving_average", "percentile", "entropy", "mse", "auto"})
  void tenTimesTheSamplesTakeLessThanATenthMoreMemory(String method) throws Exception {
    // Both at once, as neither asks for more than a core most of the time.
    try (var threads = Executors.newFixedThreadPool(2)) {
      Future<Long> few = threads.submit(() -> median(method, 100));
      Future<Long> many = threads.submit(() -> median(method, 1000));
      assertLessThanATenthMore(few.get(), many.get());
    }
  }

  private static void assertLessThanATenthMore(long few, long many) {
    assertTrue(many < 1.1 * few, "100 samples: " + few + " bytes, 1,000 samples: " + many + " bytes");
  }

  /** Of three runs: the JVM's own share comes in steps of a tenth, of which one may miss one. */
  private long median(String method, int samples) throws Exception {
    return LongStream.of(peak(method, samples), peak(method, samples), peak(method, samples)).sorted().skip(1)
        .findFirst().orElseThrow();
  }

  private long peak(String method, int samples) throws Exception {
    Path own = Files.createDirectories(folder.resolve(Integer.toString(samples)));
    Path zoo = Path.of(System.getProperty("dwindle.zoo")).toAbsolutePath();
    String text = Files.readString(Path.of("benchmarks", "zoo", "resnet20_cifar10.yaml"));
    Path data = own.resolve("data.yaml");
    Files.writeString(data, text.replace("cifar10_train_a", "cifar10_train_c"));
    Path recipe = own.resolve("recipe.yaml");
    Files.writeString(recipe, "passes: [fold, {quantize: {calibration: " + method + "}}]\n");
    Path out = own.resolve("out.onnx");
    List<String> command = List.of(
        ProcessHandle.current().info().command().orElseThrow(), "--add-modules", "jdk.incubator.vector", "-Xms64m",
        "-XX:MaxRAMPercentage=60", "-XX:+UseSerialGC", "-Ddwindle.zoo=" + zoo, "-cp",
        System.getProperty("java.class.path"),
        "dev.dwindle.cli.Main", "compress", zoo.resolve("models/resnet20_cifar10.onnx").toString(), "-o",
        out.toString(), "--recipe", recipe.toString(),
        "--data", data.toString(), "--calibration-samples", Integer.toString(samples), "--no-measure");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    long bytes = JsonReport.read("report", Files.readString(Path.of(out + ".report.json")), JobResult.class)
        .peakMemoryBytes();
    assertTrue(bytes > 0, "the system does not tell VmHWM");
    return bytes;
  }
}
