package dev.dwindle.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.engine.SampleFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input of every kind gets one clear line, the documented exit code, and leaves no output behind. */
class BadInputTest {
  @TempDir
  static Path folder;

  @BeforeAll
  static void sample() throws IOException {
    SampleFiles.copyTo(folder);
    byte[] model = Files.readAllBytes(folder.resolve("glyphs.onnx"));
    Files.write(folder.resolve("short.onnx"), Arrays.copyOf(model, model.length / 2));
    Files.write(folder.resolve("empty.onnx"), new byte[0]);
    Files.writeString(folder.resolve("text.onnx"), "this is no model");
    Files.writeString(folder.resolve("typo.yaml"), "passes: [fold, quantise]\n");
    Files.writeString(folder.resolve("broken.yaml"), "passes: [fold\n");
    Files.writeString(folder.resolve("nodata.yaml"),
        "metric: top-1\ncalibration: {idx: {images: missing.gz, labels: missing.gz}}\n");
    Files.writeString(folder.resolve("labels.yaml"),
        Files.readString(folder.resolve("glyphs.yaml")).replace("test-labels", "calibration-labels"));
    Files.writeString(folder.resolve("agreement.yaml"),
        Files.readString(folder.resolve("glyphs.yaml")).replace("metric: top-1", "metric: agreement"));
    Files.writeString(folder.resolve("renamed.yaml"),
        Files.readString(folder.resolve("glyphs.yaml")).replace("  image: {", "  z: {"));
    Files.write(folder.resolve("cut.npz"), new byte[] {'P', 'K', 3, 4, 0});
  }

  /** Exit code, a part of the message, and the command line. */
  record Case(int code, String message, String... args) {
    @Override
    public String toString() {
      return String.join(" ", args);
    }
  }

  private static final String COMPRESS = "compress glyphs.onnx -o out.onnx --int8 --data glyphs.yaml";

  static Stream<Case> cases() {
    return Stream.of(
        line(2, "unknown command 'compres'; did you mean compress", "compres"),
        line(2, "Missing required", "compress"),
        line(2, "Unknown option: '--in8'; did you mean --int",
            "compress glyphs.onnx -o out.onnx --in8"),
        line(2, "gone.onnx: no such file", COMPRESS.replace("glyphs.onnx", "gone.onnx")),
        line(2, "short.onnx: ", COMPRESS.replace("glyphs.onnx", "short.onnx")),
        line(2, "empty.onnx: ", COMPRESS.replace("glyphs.onnx", "empty.onnx")),
        line(2, "text.onnx: ", COMPRESS.replace("glyphs.onnx", "text.onnx")),
        line(2, "glyphs.yaml: ", COMPRESS.replace("glyphs.onnx", "glyphs.yaml")),
        line(2, "typo.yaml:1: found pass 'quantise', expected one of [fold, quantize, weights, half]",
            COMPRESS.replace("--int8", "--recipe typo.yaml")),
        line(2, "broken.yaml:", COMPRESS.replace("--int8", "--recipe broken.yaml")),
        line(2, "gone.yaml", COMPRESS.replace("--int8", "--recipe gone.yaml")),
        line(2, "nodata.yaml:2: ", COMPRESS.replace("glyphs.yaml", "nodata.yaml")),
        line(2, "labels", COMPRESS.replace("glyphs.yaml", "labels.yaml")),
        line(2, "--data: found none", COMPRESS.replace(" --data glyphs.yaml", "")),
        line(2, "folder", COMPRESS.replace("out.onnx", "none/out.onnx")),
        line(3, "device 'gpu': unknown, expected one of [cpu", COMPRESS + " --device gpu"),
        line(2, "is the model itself", COMPRESS.replace("out.onnx", "glyphs.onnx")),
        line(3, "device 'cuda:0'", COMPRESS + " --device cuda:0"),
        line(2, "target 'abacus': unknown", COMPRESS + " --target abacus"),
        line(2, "--threads: found -1, expected 0 to 1024", COMPRESS + " --threads -1"),
        line(2, "Invalid value for option '--threads'", COMPRESS + " --threads two"),
        line(2, "--max-drop: found '0.5', expected a number with a unit", COMPRESS + " --max-drop 0.5"),
        line(2, "max-drop: nothing is to be measured", COMPRESS + " --no-measure --max-drop 1pt"),
        line(2, "max-latency: nothing is to be measured", COMPRESS + " --no-measure --max-latency 5ms"),
        line(2, "max-drop: the data set's first metric is agreement, which has no drop; expected a metric with labels",
            COMPRESS.replace("glyphs.yaml", "agreement.yaml") + " --max-drop 1pt"),
        line(2, "max-drop: the data set's first metric is agreement",
            "validate glyphs.onnx glyphs.onnx --data agreement.yaml --max-drop 1pt"),
        line(2, "data set 'renamed': gives inputs [z], but the model expects 'image'",
            COMPRESS.replace("glyphs.yaml", "renamed.yaml")),
        line(2, "data set 'renamed': gives inputs [z], but the model expects 'image'",
            "validate glyphs.onnx glyphs.onnx --data renamed.yaml"),
        line(2, "--confidence: found '99', expected 95", COMPRESS + " --confidence 99"),
        line(2, "are mutually exclusive (specify only one)", COMPRESS + " --recipe typo.yaml"),
        line(2, "--shape nope=1x2: no such input", "bench glyphs.onnx --shape nope=1x2"),
        line(2, "--shape image=ax2", "bench glyphs.onnx --shape image=ax2"),
        line(2, "cut.npz", "run glyphs.onnx --inputs cut.npz --output y.npz"),
        line(2, "expected a folder of tests", "conformance gone"));
  }

  private static Case line(int code, String message, String words) {
    return new Case(code, message, words.split(" "));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void oneClearLine(Case bad) throws IOException {
    Object[] args = Arrays.stream(bad.args()).map(BadInputTest::inFolder).toArray();
    Console console = Console.run(args);
    assertEquals(bad.code(), console.code(), console.err());
    assertEquals(1, console.err().lines().count(), console.err());
    assertTrue(console.err().startsWith("dwindle"), console.err());
    assertTrue(console.err().contains(bad.message()), console.err());
    assertEquals("", console.out());
    try (Stream<Path> files = Files.list(folder)) {
      List<String> left = files.map(p -> p.getFileName().toString())
          .filter(n -> n.startsWith("out.") || n.startsWith(".")).toList();
      assertEquals(List.of(), left);
    }
  }

  private static Object inFolder(String word) {
    boolean file = word.matches("[a-z/]+\\.(onnx|yaml|npz)|gone");
    return file ? folder.resolve(word) : word;
  }
}
