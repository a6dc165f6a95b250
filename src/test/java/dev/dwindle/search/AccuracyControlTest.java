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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample net in weights of so few bits that only some of its layers may have them. */
class AccuracyControlTest {
  private static final String RECIPE = "passes: [fold, {quantize: {weight_bits: %d}}]\n";

  @TempDir
  Path folder;

  private Path out;

  @BeforeEach
  void copySample() {
    SampleFiles.copyTo(folder);
    out = folder.resolve("small.onnx");
  }

  private Compression job(int bits, Progress progress) {
    return Compression.of(folder.resolve("glyphs.onnx")).recipe(Recipe.parse("test", RECIPE.formatted(bits)))
        .data(DataSet.read(folder.resolve("glyphs.yaml"))).gates(Gates.NONE.withMaxDrop("1pt"))
        .effort(new Effort(10, 1)).progress(progress);
  }

  @Test
  void whereAllLayersHoldNoneIsLeftAlone() {
    JobResult result = job(8, Progress.SILENT).writeTo(out);
    Decision decision = result.decisions().getFirst();
    assertEquals("max-drop 1pt", decision.rule());
    assertEquals(List.of(), decision.layers());
    assertEquals(RECIPE.formatted(8), result.recipe());
    assertEquals(600, result.accuracy().getFirst().samples(), "the half that no choice was made on");
  }

  @Test
  void someLayersAreLeftAloneAndTheRecipeAloneMakesTheSameFile() throws IOException {
    JobResult result = job(3, Progress.SILENT).writeTo(out);
    Decision decision = result.decisions().getFirst();
    assertEquals("left alone", decision.choice());
    assertFalse(decision.layers().isEmpty());
    assertTrue(OnnxReader.read(out).graph().nodes().stream().anyMatch(n -> n.is("QuantizeLinear")),
        decision.toString());
    Path again = folder.resolve("again.onnx");
    Compression.of(folder.resolve("glyphs.onnx")).recipe(Recipe.parse("told", result.recipe()))
        .data(DataSet.read(folder.resolve("glyphs.yaml"))).withoutMeasuring().writeTo(again);
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
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

  @Test
  void aKilledSearchGoesOnWhereItStoppedAndEndsWithTheSameBytes() throws IOException {
    Dying whole = new Dying(Integer.MAX_VALUE);
    job(3, whole).writeTo(out);
    byte[] expected = Files.readAllBytes(out);
    long tries = whole.stages.stream().filter(stage -> stage.startsWith("accuracy with")).count();
    assertTrue(tries > 2, whole.stages.toString());
    Files.delete(out);
    int last = whole.stages
        .lastIndexOf(whole.stages.stream().filter(s -> s.startsWith("accuracy with")).toList().getLast());
    assertThrows(IllegalStateException.class, () -> job(3, new Dying(last + 1)).writeTo(out));
    assertTrue(Files.exists(folder.resolve("small.onnx.journal")));
    assertTrue(Files.exists(out), "the best so far");
    Dying rest = new Dying(Integer.MAX_VALUE);
    job(3, rest).writeTo(out);
    assertEquals(1, rest.stages.stream().filter(stage -> stage.startsWith("accuracy with")).count(),
        rest.stages.toString());
    assertArrayEquals(expected, Files.readAllBytes(out));
    assertFalse(Files.exists(folder.resolve("small.onnx.journal")));
  }
}
