package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.engine.Compression;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.result.JobResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sample net in weights of so few bits that only some of its layers may have them. */
class AccuracyControlTest {
  private static final String RECIPE = "passes: [fold, {quantize: {weight_bits: %d, rounding: nearest}}]\n";

  @TempDir
  Path folder;

  private Path out;

  @BeforeEach
  void copySample() {
    SampleFiles.copyTo(folder);
    out = folder.resolve("small.onnx");
  }

  private Compression job(int bits, Progress progress) {
    return job(bits, "1pt", progress);
  }

  private Compression job(int bits, String maxDrop, Progress progress) {
    return Compression.of(folder.resolve("glyphs.onnx")).recipe(Recipe.parse("test", RECIPE.formatted(bits)))
        .data(DataSet.read(folder.resolve("glyphs.yaml"))).gates(Gates.NONE.withMaxDrop(maxDrop))
        .effort(new Effort(10, 1)).progress(progress);
  }

  @Test
  void whereAllLayersHoldNothingIsChosenAndAllSamplesReport() {
    JobResult result = job(8, Progress.SILENT).writeTo(out);
    assertEquals(List.of(), result.decisions());
    assertEquals(RECIPE.formatted(8), result.recipe());
    assertEquals(1200, result.accuracy().getFirst().samples(), "all, for no choice was made on any");
  }

  @Test
  void someLayersAreLeftAloneAndTheRecipeAloneMakesTheSameFile() throws IOException {
    JobResult result = job(3, Progress.SILENT).writeTo(out);
    Decision decision = result.decisions().getFirst();
    assertEquals("max-drop 1pt", decision.rule());
    assertEquals("left alone", decision.choice());
    assertTrue(decision.reason().matches("drop .*pt \\(95 % interval .*\\) on the samples to choose on; "
        + "with all 9 compressed drop .*pt \\(95 % interval .*\\) on all samples"), decision.reason());
    assertEquals(600, result.accuracy().getFirst().samples(), "the half that no choice was made on");
    assertFalse(decision.layers().isEmpty());
    assertTrue(OnnxReader.read(out).graph().nodes().stream().anyMatch(n -> n.is("QuantizeLinear")),
        decision.toString());
    Path again = folder.resolve("again.onnx");
    Compression.of(folder.resolve("glyphs.onnx")).recipe(Recipe.parse("told", result.recipe()))
        .data(DataSet.read(folder.resolve("glyphs.yaml"))).withoutMeasuring().writeTo(again);
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
  }

  @Test
  void whatTheRecipeLeavesOpenOfRoundingIsDecidedByTheOutputs() {
    JobResult result = Compression.of(folder.resolve("glyphs.onnx"))
        .recipe(Recipe.parse("test", "passes: [fold, {quantize: {weight_bits: 3}}]\n"))
        .data(DataSet.read(folder.resolve("glyphs.yaml"))).gates(Gates.NONE.withMaxDrop("1pt"))
        .effort(new Effort(10, 1)).writeTo(out);
    assertEquals("rounding", result.decisions().getFirst().rule());
    assertTrue(result.recipe().contains("rounding: \"compensated\""), result.recipe());
  }

  /** Everything compressed loses about 11 points, give or take 2. */
  @Test
  void whereAllSamplesCannotTellTheLossFromTheBoundOutputsDecideAndAllSamplesReport() {
    JobResult result = job(3, "10.5pt", Progress.SILENT).writeTo(out);
    assertFalse(result.decisions().isEmpty(), result.accuracy().toString());
    Decision decision = result.decisions().getFirst();
    assertEquals("max-drop 10.5pt, by outputs", decision.rule());
    Matcher told = Pattern.compile("outputs (\\S+) % from the original's; with all 9 compressed (\\S+) %, "
        + "drop (\\S+)pt \\(95 % interval .*\\) on all samples").matcher(decision.reason());
    assertTrue(told.matches(), decision.reason());
    double found = Double.parseDouble(told.group(3));
    double share = Math.pow(Double.parseDouble(told.group(1)) / Double.parseDouble(told.group(2)), 2);
    assertTrue(found > 10.5 && share <= 0.5 * 10.5 / found + 1e-3, decision.reason());
    assertEquals(1200, result.accuracy().getFirst().samples(), "all, for no label was read for the choice");
  }

  @Test
  void whatOutputsDecidedIsMadeAgainByReplayAndReportedOnAllSamples() throws IOException {
    JobResult chosen = job(3, "10.5pt", Progress.SILENT).writeTo(out);
    Path again = folder.resolve("again.onnx");
    JobResult replayed = job(3, "10.5pt", Progress.SILENT).replay("report", chosen).writeTo(again);
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
    assertEquals(1200, replayed.accuracy().getFirst().samples());
  }

  /** Dies in the middle of so many stages, and counts them. */
  private static final class Dying implements Progress {
    private final int last;
    private final List<String> stages = new ArrayList<>();

    Dying(int last) {
      this.last = last;
    }

    @Override
    public void begin(String stage, long total) {
      stages.add(stage);
      if (stages.size() == last) throw new IllegalStateException("killed");
    }
  }

  @ParameterizedTest
  @CsvSource({"1pt, accuracy with", "10.5pt, outputs with"})
  void aKilledSearchGoesOnWhereItStoppedAndEndsWithTheSameBytes(String bound, String tried) throws IOException {
    Dying whole = new Dying(Integer.MAX_VALUE);
    job(3, bound, whole).writeTo(out);
    byte[] expected = Files.readAllBytes(out);
    List<String> tries = whole.stages.stream().filter(stage -> stage.startsWith(tried)).toList();
    assertTrue(tries.size() > 2, whole.stages.toString());
    Files.delete(out);
    int last = whole.stages.lastIndexOf(tries.getLast());
    assertThrows(IllegalStateException.class, () -> job(3, bound, new Dying(last + 1)).writeTo(out));
    assertTrue(Files.exists(folder.resolve("small.onnx.journal")));
    assertTrue(Files.exists(out), "the best so far");
    Dying rest = new Dying(Integer.MAX_VALUE);
    job(3, bound, rest).writeTo(out);
    assertEquals(1, rest.stages.stream().filter(stage -> stage.startsWith(tried)).count(),
        rest.stages.toString());
    assertArrayEquals(expected, Files.readAllBytes(out));
    assertFalse(Files.exists(folder.resolve("small.onnx.journal")));
  }
}
