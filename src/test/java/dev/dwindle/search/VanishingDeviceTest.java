package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.VanishingBackend;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.graph.Model;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.PassFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that goes away in the middle of a search. */
class VanishingDeviceTest {
  private static final DwindleException GONE = new DeviceUnavailableException("device 'x': went away");
  private static final int ENOUGH = 1_000_000;

  @TempDir
  Path folder;

  private Path journal;

  @BeforeEach
  void copySample() {
    SampleFiles.copyTo(folder);
    journal = folder.resolve("small.onnx.journal");
    Search.takeUnfinished();
  }

  private Search.Found found(VanishingBackend backend) {
    Search search = search(backend);
    Search.Found found = search.run((better, model) -> {});
    search.end();
    assertFalse(Files.exists(journal));
    return found;
  }

  private Search search(VanishingBackend backend) {
    Model original = OnnxReader.read(folder.resolve("glyphs.onnx"));
    DataSet data = DataSet.read(folder.resolve("glyphs.yaml"));
    Recipe recipe = Recipe.parse("test", "passes: [fold, {quantize: {weight_bits: 2, rounding: nearest}}]\n");
    PassContext context = new PassContext(null, TargetProfile.of("cpu"), backend, data.calibration(), 2, 0,
        Progress.SILENT);
    return new Search(original, recipe, context, List.of(new Search.Device(backend, false)), data,
        Gates.NONE.withMaxDrop("1pt"), new Search.Goals(true, false),
        Map.of(), new Effort(10, 1), journal, "job");
  }

  private static VanishingBackend there(int runs) {
    return new VanishingBackend(new CpuBackend(), runs, () -> GONE);
  }

  @Test
  void leavesTheJournalAndTheSameSearchGoesOn() {
    VanishingBackend steady = there(ENOUGH);
    Search.Found expected = found(steady);
    int runs = ENOUGH - steady.runsLeft();

    assertSame(GONE, assertThrows(DwindleException.class, () -> found(there(runs - 10))));
    Map<Path, Integer> kept = Search.takeUnfinished();
    assertEquals(List.of(journal), List.copyOf(kept.keySet()));
    assertTrue(kept.get(journal) > 2, kept.toString());
    assertEquals(Map.of(), Search.takeUnfinished(), "told once");

    VanishingBackend back = there(ENOUGH);
    Search.Found found = found(back);
    assertEquals(expected.recipe().text(), found.recipe().text());
    assertTrue(ENOUGH - back.runsLeft() < runs, "what was measured is not measured again");
    assertEquals(Map.of(), Search.takeUnfinished());
  }

  @Test
  void aPassThatLosesItTellsItAsTheCause() {
    PassFailedException failed = assertThrows(PassFailedException.class, () -> found(there(3)));
    assertSame(GONE, failed.getCause());
    assertEquals(Map.of(), Search.takeUnfinished(), "nothing was measured");
  }

  @Test
  void soItIsWithMemory() {
    DwindleException full = new DeviceMemoryException("device 'x': out of memory", null);
    VanishingBackend steady = there(ENOUGH);
    found(steady);
    int runs = ENOUGH - steady.runsLeft();
    assertSame(full, assertThrows(DwindleException.class,
        () -> found(new VanishingBackend(new CpuBackend(), runs - 10, () -> full))));
    assertEquals(1, Search.takeUnfinished().size());
  }
}
