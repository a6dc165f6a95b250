package dev.dwindle.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.data.DataSet;
import dev.dwindle.data.NpzTensors;
import dev.dwindle.data.Sample;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.report.JsonReport;
import dev.dwindle.result.JobResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged data sets, their descriptions, recipes and reports are refused in one line, or read. */
class DataFuzzTest {
  private static final int MUTANTS = 250;
  private static final String RECIPE = """
      seed: 1
      passes:
        - fold
        - quantize: {calibration: percentile, percentile: 99.9, exclude: ["op:Gemm", "head/*"], operators: [Conv]}
      """;

  @TempDir
  Path folder;

  private final Map<String, String> flaws = new TreeMap<>();

  @BeforeEach
  void wholeFiles() throws IOException {
    SampleFiles.copyTo(folder);
    Tensor image = Tensor.of(DType.UINT8, Shape.of(2, 4, 4, 3), new byte[96]);
    try (OutputStream out = Files.newOutputStream(folder.resolve("a.npz"))) {
      NpzTensors.write(Map.of("image", image, "label", Tensor.of(Shape.of(2), new long[] {0, 1})), out);
    }
    Files.write(folder.resolve("c.bin"), new byte[3 * 3073]);
    ImageIO.write(new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB), "png", folder.resolve("p.png").toFile());
    ImageIO.write(new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB), "jpg", folder.resolve("q.jpg").toFile());
    Files.writeString(folder.resolve("t.csv"), "file,label,split\np.png,0,a\nq.jpg,\"1\",a\n");
    ByteBuffer wav = ByteBuffer.allocate(44 + 400).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes()).putInt(436).put("WAVEfmt ".getBytes()).putInt(16).putShort((short) 1)
        .putShort((short) 1).putInt(16000).putInt(32000).putShort((short) 2).putShort((short) 16)
        .put("data".getBytes()).putInt(400);
    Files.write(folder.resolve("w.wav"), wav.array());
    describe("npz", "evaluation: {npz: a.npz}\nmetric: top-1\ninputs: {x: {from: image, dtype: float32}}\n");
    describe("cifar", "evaluation: {cifar10: c.bin}\ninputs: {x: {crop: 28, mean: [1, 2, 3]}}\n");
    describe("csv", "evaluation: {csv: {file: t.csv, where: {split: a}}}\ninputs: {x: {resize: {short: 5}}}\n");
    describe("wav", "evaluation: {wav: {file: w.wav, window: 50, context: 5}}\ninputs: {x: {from: audio}}\n");
  }

  private void describe(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name + ".yaml"), text);
  }

  @Test
  void descriptionsAndWhatTheyName() throws IOException {
    for (String[] pair : List.of(new String[] {"glyphs", "glyphs-test-labels.idx.gz"}, new String[] {"npz", "a.npz"},
        new String[] {"cifar", "c.bin"}, new String[] {"csv", "t.csv"}, new String[] {"csv", "p.png"},
        new String[] {"csv", "q.jpg"}, new String[] {"wav", "w.wav"})) {
      Path description = folder.resolve(pair[0] + ".yaml");
      damaged(description, () -> read(description));
      damaged(folder.resolve(pair[1]), () -> read(description));
    }
    assertEquals(Map.of(), flaws);
  }

  @Test
  void recipesAndReports() throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), RECIPE);
    damaged(recipe, () -> Recipe.read(recipe));
    Path report = Files.writeString(folder.resolve("r.json"), "{\"target\": \"cpu\", \"seed\": 1, \"layers\": []}");
    damaged(report, () -> JsonReport.read("report", readString(report), JobResult.class));
    assertEquals(Map.of(), flaws);
  }

  private static void read(Path description) {
    DataSet set = DataSet.read(description);
    try (Stream<Sample> samples = set.evaluation().stream()) {
      samples.limit(3).forEach(Sample::inputs);
    }
  }

  private static String readString(Path file) {
    try {
      return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void damaged(Path file, Runnable use) throws IOException {
    Seed whole = new Seed(file.getFileName().toString(), Files.readAllBytes(file));
    use.run();
    for (int i = 0; i < MUTANTS; i++) {
      Files.write(file, Mutations.mutant(Mutations.OF_BYTES, whole, whole, new Random(i)).bytes());
      try {
        use.run();
      } catch (DwindleException e) {
        // told in one line, which DwindleException itself holds
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        String at = Stream.of(e.getStackTrace()).map(StackTraceElement::toString)
            .filter(s -> s.contains("dev.dwindle")).findFirst().orElse("?");
        flaws.putIfAbsent(whole.name() + ": " + e.getClass().getSimpleName() + " at " + at, i + ": " + e.getMessage());
      }
    }
    Files.write(file, whole.bytes());
  }
}
