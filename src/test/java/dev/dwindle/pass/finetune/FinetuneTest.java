package dev.dwindle.pass.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.pass.TrainingFiles;
import dev.dwindle.pass.quantize.Quantize;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.Lesson;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuneTest {
  private static final String LOGITS = "y = Gemm(f, v, c)";
  private static final Map<String, Object> SHORT = Map.of("epochs", 20, "batch", 16, "rate", 0.01, "loss", "mse");

  private static PassResult finetune(Model model, Model original, Map<String, Object> settings) {
    return Lesson.run(new Finetune(), model, original, Lesson.images(200, false), settings, 1, TrainingFiles.NONE);
  }

  /** The mean squared difference of the outputs of two models. */
  private static double distance(Model one, Model other) {
    double sum = 0;
    long count = 0;
    try (Backend cpu = new CpuBackend();
        Executable a = cpu.compile(one.graph(), CompileOptions.DEFAULT);
        Executable b = cpu.compile(other.graph(), CompileOptions.DEFAULT);
        Bound x = a.bind();
        Bound y = b.bind();
        Stream<Sample> samples = Lesson.images(60, false).stream()) {
      for (Sample sample : (Iterable<Sample>) samples::iterator) {
        x.set("x", sample.inputs().get("x"));
        y.set("x", sample.inputs().get("x"));
        x.run();
        y.run();
        float[] p = x.outputs().get("y").floats();
        float[] q = y.outputs().get("y").floats();
        for (int i = 0; i < p.length; i++) sum += (p[i] - q[i]) * (p[i] - q[i]);
        count += p.length;
      }
    }
    return sum / count;
  }

  @Test
  void aNetOfThreeBitsComesNearerToTheOriginal() {
    Model original = Lesson.teacher(LOGITS);
    Model model = original.copy();
    Samples samples = Lesson.images(64, false);
    Lesson.run(new Quantize(), model, original, samples, Map.of("weight_bits", "3"), 1, TrainingFiles.NONE);
    double before = distance(original, model);
    Set<DType> types = types(model);
    PassResult result = finetune(model, original, Map.of("epochs", 20, "batch", 16, "rate", 0.001, "loss", "mse"));
    double after = distance(original, model);
    assertTrue(after < 0.7 * before, "mean squared error " + before + " before, " + after + " after");
    assertEquals(types, types(model));
    for (Value constant : model.graph().constants()) {
      if (constant.tensor().dtype() != DType.INT8 || constant.tensor().shape().rank() < 2) continue;
      for (byte each : constant.tensor().bytes()) assertTrue(Math.abs(each) <= 3, constant.name() + " has " + each);
    }
    assertTrue(result.summary().contains("nodes trained"), result.summary());
  }

  private static Set<DType> types(Model model) {
    Set<DType> types = new HashSet<>();
    model.graph().constants().forEach(constant -> types.add(constant.tensor().dtype()));
    return types;
  }

  @Test
  void frozenScalesStay() {
    Model original = Lesson.teacher(LOGITS);
    Model model = original.copy();
    Lesson.run(new Quantize(), model, original, Lesson.images(64, false), Map.of("weight_bits", "4"), 1,
        TrainingFiles.NONE);
    Model before = model.copy();
    finetune(model, original, Map.of("epochs", 1, "batch", 16, "scales", "frozen"));
    int scales = 0;
    for (Value constant : model.graph().constants()) {
      boolean isScale = constant.uses().stream().anyMatch(use -> use.index() == 1
          && (use.node().is("QuantizeLinear") || use.node().is("DequantizeLinear")) && use.node().input(0).isConstant()
          && use.node().input(0).tensor().dtype() == DType.INT8);
      if (!isScale) continue;
      scales++;
      assertTrue(Arrays.equals(constant.tensor().bytes(), before.graph().value(constant.name()).tensor().bytes()),
          constant.name());
    }
    assertEquals(3, scales);
  }

  private static void prune(Model model, String name) {
    Value weight = model.graph().value(name);
    float[] numbers = weight.tensor().floats().clone();
    for (int i = 0; i < numbers.length; i += 2) numbers[i] = 0;
    model.graph().setConstant(weight, Constant.of(Tensor.of(weight.tensor().shape(), numbers)));
  }

  @Test
  void zerosOfPrunedWeightsStay() {
    Model original = Lesson.teacher(LOGITS);
    Model model = original.copy();
    prune(model, "u");
    double before = distance(original, model);
    PassResult result = finetune(model, original, SHORT);
    double after = distance(original, model);
    assertTrue(after < 0.8 * before, "mean squared error " + before + " before, " + after + " after");
    float[] numbers = model.graph().value("u").tensor().floats();
    for (int i = 0; i < numbers.length; i++) assertEquals(i % 2 == 0, numbers[i] == 0, "place " + i);
    assertEquals("288 weights stayed zero", result.figures().get("zeros"));
    Model free = original.copy();
    prune(free, "u");
    finetune(free, original, Map.of("epochs", 1, "batch", 16, "zeros", "free"));
    assertNotEquals(0, free.graph().value("u").tensor().floats()[0]);
  }

  /** Weights that look their values up in a codebook: the indices stay, and the values of the codebook are trained. */
  @Test
  void sharedWeightsGoOnSharing() {
    String net = """
        <ir_version: 8, opset_import: ["": 13]>
        net (float[N,1,6,6] x) => (float[N,2] y)
        <%s, float[2] c = {0}> { f = Flatten(x)  %s  y = Gemm(f, w, c) }
        """;
    Model original = GraphText.parse(net.formatted("float[36,2] w = random(2)", ""));
    Model model = GraphText.parse(net.formatted("float[4] book = {-1.2, -0.4, 0.4, 1.2}, int64[36,2] at = {0}",
        "w = Gather(book, at)"));
    long[] indices = new long[72];
    float[] weights = original.graph().value("w").tensor().floats();
    for (int i = 0; i < 72; i++) indices[i] = weights[i] < -0.8 ? 0 : weights[i] < 0 ? 1 : weights[i] < 0.8 ? 2 : 3;
    model.graph().setConstant(model.graph().value("at"), Constant.of(Tensor.of(Shape.of(36, 2), indices)));
    double before = distance(original, model);
    finetune(model, original, Map.of("epochs", 20, "batch", 16, "rate", 0.01, "loss", "mse"));
    assertTrue(distance(original, model) < before);
    assertTrue(Arrays.equals(indices, model.graph().value("at").tensor().longs()));
    assertNotEquals(-1.2f, model.graph().value("book").tensor().floats()[0]);
  }

  /** Where training goes astray, what is kept is a model of standard operators in integers, of an epoch that ended well. */
  @Test
  void astrayTheBestEpochIsKeptInIntegers(@TempDir Path folder) {
    Path out = folder.resolve("out.onnx");
    Model original = Lesson.teacher(LOGITS);
    Model model = original.copy();
    Lesson.run(new Quantize(), model, original, Lesson.images(64, false), Map.of("weight_bits", "4"), 1,
        TrainingFiles.NONE);
    Map<String, Object> wild = Map.of("epochs", 4000, "batch", 16, "rate", 100, "optimizer", "sgd", "decay", 0, "loss",
        "mse", "scales", "frozen");
    String message = assertThrows(InvalidInputException.class, () -> Lesson.run(new Finetune(), model, original,
        Lesson.images(200, false), wild, 1, new TrainingFiles(out, 1, 120, false, null))).getMessage();
    Path kept = folder.resolve("out.onnx.stopped.onnx");
    assertTrue(message.endsWith("; the best of the epochs before is in " + kept), message);
    Model best = OnnxReader.read(kept);
    assertTrue(best.graph().nodes().stream().allMatch(node -> node.domain().isEmpty()));
    assertEquals(types(model), types(best));
  }
}
