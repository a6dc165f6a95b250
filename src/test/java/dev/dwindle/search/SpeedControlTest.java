package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.result.Estimate;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device is slow at is rolled back: on devices whose times a test says, and that have no noise. */
class SpeedControlTest {
  @TempDir
  Path folder;

  private Model original;
  private Variants variants;
  private Journal journal;
  private int races;

  @BeforeEach
  void sample() {
    SampleFiles.copyTo(folder);
    DataSet data = DataSet.read(folder.resolve("glyphs.yaml"));
    original = OnnxReader.read(folder.resolve("glyphs.onnx"));
    variants = new Variants(original, Recipe.int8(),
        new PassContext(null, TargetProfile.of("openvino"), new CpuBackend(),
            data.calibration().limit(20), 1, 0, Progress.SILENT));
    journal = Journal.open(folder.resolve("journal"), "test");
  }

  /** A race that anything slower by more than the margin loses for sure, and anything else wins. */
  private Race race(ToDoubleFunction<Graph> millis) {
    return (first, others) -> {
      races++;
      double before = millis.applyAsDouble(first.graph());
      return new Race.Results(
          others.stream().map(other -> result(millis.applyAsDouble(other.get().graph()) / before)).toList());
    };
  }

  private static Race.Result result(double time) {
    return new Race.Result(new Estimate(time, time, time, 0.95), time < Gates.SAME_TIME ? 0 : 1,
        1 / time < Gates.SAME_TIME ? 0 : 1);
  }

  /** A device for each of these times. */
  @SafeVarargs
  private Races races(ToDoubleFunction<Graph>... millis) {
    SequencedMap<String, Race> devices = new LinkedHashMap<>();
    for (ToDoubleFunction<Graph> each : millis) devices.put("device " + devices.size(), race(each));
    return new Races(devices, journal);
  }

  /** The regions whose layers are all left alone. */
  @SafeVarargs
  private Set<String> rolledBack(ToDoubleFunction<Graph>... millis) {
    SpeedControl.Choice choice = new SpeedControl(variants, races(millis)).choose();
    Set<String> back = Region.of(variants.nodes()).stream().filter(region -> choice.left().containsAll(region.layers()))
        .map(Region::name).collect(Collectors.toSet());
    assertEquals(back, choice.decisions().stream().map(Decision::choice).filter(text -> text.startsWith("rolled back "))
        .map(text -> text.replace("rolled back ", "")).collect(Collectors.toSet()));
    return back;
  }

  private static long quantized(Graph graph, String operator) {
    return graph.nodes().stream().filter(node -> node.is(operator) && isDequantized(node)).count();
  }

  private static boolean isDequantized(Node node) {
    return node.input(0) != null && node.input(0).producer() != null && node.input(0).producer().is("DequantizeLinear");
  }

  private static long count(Graph graph, String operator) {
    return graph.nodes().stream().filter(node -> node.is(operator)).count();
  }

  @Test
  void whatTheDeviceIsFasterAtIsKeptAndSoIsWhatMakesNoDifference() {
    assertEquals(Set.of(), rolledBack(graph -> 10 - quantized(graph, "Conv") + 0.01 * quantized(graph, "Gemm")));
    assertEquals(1, races, "once around all, with none beside");
  }

  @Test
  void whatItIsSlowerAtIsRolledBack() {
    assertEquals(Set.of("Gemm"), rolledBack(graph -> 10 - quantized(graph, "Conv") + quantized(graph, "Gemm")));
  }

  @Test
  void fromNoneThatIsFasterItFindsTheRegionsThatPay() {
    Set<String> back = rolledBack(graph -> 10 + 9 * quantized(graph, "Conv") - quantized(graph, "Gemm"));
    assertEquals(Region.of(variants.nodes()).stream().map(Region::name).filter(name -> name.contains("Conv"))
        .collect(Collectors.toSet()), back);
  }

  @Test
  void theJournalKnowsAllThatWasTimed() {
    ToDoubleFunction<Graph> millis = graph -> 10 - quantized(graph, "Conv") + quantized(graph, "Gemm");
    Set<String> back = rolledBack(millis);
    int before = races;
    assertEquals(back, rolledBack(millis));
    assertEquals(before, races);
  }

  @Test
  void onSeveralDevicesWhatAnyOfThemIsSlowerAtIsRolledBack() {
    ToDoubleFunction<Graph> slowAtGemm = graph -> 10 - quantized(graph, "Conv") + quantized(graph, "Gemm");
    ToDoubleFunction<Graph> fast = graph -> 10 - quantized(graph, "Conv") - quantized(graph, "Gemm");
    assertEquals(Set.of("Gemm"), rolledBack(fast, slowAtGemm));
    Decision gemm = new SpeedControl(variants, races(fast, slowAtGemm)).choose().decisions().stream()
        .filter(decision -> decision.choice().equals("rolled back Gemm")).findFirst().orElseThrow();
    assertTrue(gemm.reason().matches("with it .* on device 0 and .* on device 1"), gemm.reason());
  }

  @Test
  void whatOneDeviceCannotDecideIsNotKeptHoweverSureTheOtherIs() {
    ToDoubleFunction<Graph> fast = graph -> 10 - quantized(graph, "Conv") - quantized(graph, "Gemm");
    SequencedMap<String, Race> devices = new LinkedHashMap<>();
    devices.put("sure", race(fast));
    devices.put("unsure", (first, others) -> new Race.Results(
        others.stream().map(other -> new Race.Result(new Estimate(0.99, 0.9, 1.1, 0.95), 0.2, 0.2)).toList()));
    SpeedControl.Choice choice = new SpeedControl(variants, new Races(devices, journal)).choose();
    assertEquals(variants.layers(), choice.left());
  }

  @SafeVarargs
  private Storage.Choice storage(ToDoubleFunction<Graph>... millis) {
    Recipe none = variants.recipe(variants.layers());
    return new Storage(variants, null, races(millis)).choose(original, none,
        variants.of(none).model());
  }

  @Test
  void theSmallestStorageThatIsNoSlowerIsChosen() {
    Storage.Choice choice = storage(graph -> 10);
    assertEquals("what is left alone is stored as INT8 weights", choice.decision().choice());
    assertTrue(count(variants.of(choice.recipe()).model().graph(), "DequantizeLinear") > 0);
    assertTrue(choice.recipe().text().endsWith("  - weights\n"), choice.recipe().text());
  }

  @Test
  void aSlowerOneIsNot() {
    assertEquals("what is left alone is stored as FP16 constants",
        storage(graph -> 10 + count(graph, "DequantizeLinear")).decision().choice());
  }

  @Test
  void nothingIsTimedWhereNoFormIsSmaller() {
    Recipe all = variants.recipe(Set.of());
    Recipe halved = all.then(Recipe.parse("halved", "passes: [half]"));
    Storage.Choice choice = new Storage(variants, null, races(graph -> 10)).choose(original, halved,
        variants.of(halved).model());
    assertEquals("what is left alone stays as it is", choice.decision().choice());
    assertEquals(0, races);
  }

  @Test
  void oneThatIsSlowerOnAnyDeviceIsNot() {
    assertEquals("what is left alone is stored as FP16 constants",
        storage(graph -> 10, graph -> 10 + count(graph, "DequantizeLinear")).decision().choice());
  }

  @Test
  void whereNeitherPaysAllStaysAsItIs() {
    Storage.Choice choice = storage(graph -> 10 + count(graph, "DequantizeLinear") + count(graph, "Cast"));
    assertEquals("what is left alone stays as it is", choice.decision().choice());
    assertTrue(choice.decision().reason().contains("FP16 constants: constants"), choice.decision().reason());
    assertEquals(List.of(), choice.decision().layers());
  }
}
