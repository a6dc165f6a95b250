package dev.dwindle.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.check.Gates;
import dev.dwindle.data.DataSet;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.measure.LatencyComparison.Effort;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.Decision;
import dev.dwindle.search.Search.Device;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A choice of layers must hold on every device, also on one that gets a layer wrong as soon as it is in integers. */
class SeveralDevicesTest {
  @TempDir
  Path folder;

  private DataSet data;
  private Model original;
  private String layer;

  /** The processor, but the layer's weights are zeros where it reads quantized activations. */
  private record Wrong(Backend processor, String layer) implements Backend {
    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public Availability availability() {
      return processor.availability();
    }

    @Override
    public DeviceInfo device() {
      return processor.device();
    }

    @Override
    public Support supports(Node node) {
      return processor.supports(node);
    }

    @Override
    public Executable compile(Graph graph, CompileOptions options) {
      Graph copy = graph.model().copy().graph();
      for (Node node : List.copyOf(copy.nodes())) {
        Value read = node.name().equals(layer) ? node.input(0).producer() == null ? null : node.input(0) : null;
        if (read != null && read.producer().is("DequantizeLinear")) {
          Value weights = node.input(1).producer().input(0);
          node.setInput(1, copy.addConstant("zeros", Tensor.of(weights.tensor().shape(),
              new float[weights.tensor().shape().intSize()])));
        }
      }
      return processor.compile(copy, options);
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void sample() {
    SampleFiles.copyTo(folder);
    data = DataSet.read(folder.resolve("glyphs.yaml"));
    original = OnnxReader.read(folder.resolve("glyphs.onnx"));
    layer = original.graph().nodes().stream().filter(node -> node.is("Conv")).toList().get(1).name();
  }

  private Search.Found search(Progress progress, Backend... backends) {
    return search("1pt", progress, backends);
  }

  private Search.Found search(String maxDrop, Progress progress, Backend... backends) {
    List<Device> devices = new ArrayList<>();
    for (Backend backend : backends) devices.add(new Device(backend, false));
    PassContext context = new PassContext(null, TargetProfile.of("cpu"), backends[0], data.calibration().limit(40), 1,
        0, progress);
    Search search = new Search(original, Recipe.int8(), context, devices, data, Gates.NONE.withMaxDrop(maxDrop),
        new Search.Goals(true, false), Map.of(), new Effort(10, 1), folder.resolve("journal"), "test");
    Search.Found found = search.run((recipe, model) -> {});
    search.end();
    return found;
  }

  @Test
  void aLayerThatOneDeviceGetsWrongIsLeftAlone() {
    assertEquals(List.of(), search(Progress.SILENT, new CpuBackend()).decisions());
    Decision alone = search(Progress.SILENT, new Wrong(new CpuBackend(), layer)).decisions().getLast();
    assertEquals(List.of(layer), alone.layers(), alone.reason());
    assertFalse(alone.reason().contains(" on wrong"), alone.reason());
    Backend wrong = new Wrong(new CpuBackend(), layer);
    for (Backend[] order : new Backend[][] {{new CpuBackend(), wrong}, {wrong, new CpuBackend()}}) {
      Decision both = search(Progress.SILENT, order).decisions().getLast();
      assertEquals(List.of(layer), both.layers(), both.reason());
      assertTrue(both.reason().matches(
          "drop .* on (cpu|wrong) on the samples to choose on; with all \\d+ compressed drop .* on wrong on all samples"),
          both.reason());
    }
  }

  /** With a bound just below what is lost on the device that gets the layer wrong, so that its samples cannot tell. */
  @Test
  void whereOneDeviceCannotTellAndTheOtherHoldsOutputsChoose() {
    Backend wrong = new Wrong(new CpuBackend(), layer);
    Decision shown = search(Progress.SILENT, new CpuBackend(), wrong).decisions().getLast();
    Matcher lost = Pattern.compile("compressed drop (\\S+)pt .* on wrong on all samples").matcher(shown.reason());
    assertTrue(lost.find(), shown.reason());
    double bound = Double.parseDouble(lost.group(1)) - 0.05;
    Decision open = search(String.format(Locale.ROOT, "%.2fpt", bound), Progress.SILENT, new CpuBackend(), wrong)
        .decisions().getLast();
    assertTrue(open.rule().endsWith(", by outputs"), open.toString());
    assertEquals(List.of(layer), open.layers(), open.reason());
    assertFalse(Decision.byAccuracy(List.of(open)));
  }

  @Test
  void whatWasMeasuredOnEachDeviceIsInTheJournal() {
    List<String> stages = new ArrayList<>();
    Progress dying = new Progress() {
      @Override
      public void begin(String stage, long total) {
        stages.add(stage);
        if (stage.startsWith("wrong: accuracy with 1 of")) throw new IllegalStateException("killed");
      }
    };
    Backend wrong = new Wrong(new CpuBackend(), layer);
    assertThrows(IllegalStateException.class, () -> search(dying, new CpuBackend(), wrong));
    assertTrue(Files.exists(folder.resolve("journal")));
    assertTrue(stages.stream().anyMatch(stage -> stage.startsWith("cpu: accuracy with 1 of")), stages.toString());
    List<String> rest = new ArrayList<>();
    Progress counting = new Progress() {
      @Override
      public void begin(String stage, long total) {
        rest.add(stage);
      }
    };
    Decision decision = search(counting, new CpuBackend(), wrong).decisions().getLast();
    assertEquals(List.of(layer), decision.layers());
    assertFalse(rest.stream().anyMatch(stage -> stage.startsWith("cpu: ")), rest.toString());
    assertFalse(Files.exists(folder.resolve("journal")));
  }
}
