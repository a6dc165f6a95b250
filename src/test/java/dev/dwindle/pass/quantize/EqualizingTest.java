package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.measure.LayerComparison;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.Memory;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.LayerFidelity;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.Equalization;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EqualizingTest {
  private static final Quantize PASS = new Quantize();

  /** Channels of a depthwise convolution of which each reaches half as far as the one before, which what reads them makes up for. */
  private static Model model() {
    Model model = GraphText.parse(
        """
            <ir_version: 8, opset_import: ["": 13]>
            g (float[1,8,6,6] x) => (y) <float[8,1,3,3] d = random(1), float[8] b = random(2), float[5,8,1,1] v = random(3), float[5] c = random(4)> {
              h = Conv <group = 8> (x, d, b)
              i = LeakyRelu <alpha = 0.1> (h)
              y = Conv(i, v, c)
            }
            """);
    for (String name : new String[] {"d", "b", "v"}) {
      Value value = model.graph().value(name);
      float[] numbers = value.tensor().floats();
      for (int k = 0; k < numbers.length; k++) {
        int channel = name.equals("v") ? k % 8 : k / (numbers.length / 8);
        numbers[k] *= (float) Math.pow(2, name.equals("v") ? channel : -channel);
      }
      model.graph().setConstant(value, Constant.of(Tensor.of(value.tensor().shape(), numbers)));
    }
    return model;
  }

  private static Samples samples() {
    Random random = new Random(9);
    List<Sample> samples = new ArrayList<>();
    for (int s = 0; s < 12; s++) {
      float[] values = new float[8 * 36];
      for (int k = 0; k < values.length; k++) values[k] = (float) random.nextGaussian();
      samples.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 8, 6, 6), values)), null, true));
    }
    return Samples.of(samples);
  }

  private static PassResult quantize(Model model, String target, Map<String, Object> settings) {
    return quantize(model, target, settings, Memory.NONE);
  }

  private static PassResult quantize(Model model, String target, Map<String, Object> settings, Memory memory) {
    try (CpuBackend backend = new CpuBackend()) {
      return PASS.apply(model.graph(), new PassContext(PASS.settings().check("test", settings),
          TargetProfile.of(target), backend, samples(), 1, 0, Progress.SILENT).withMemory(memory));
    }
  }

  private static Model scaled(Model model, String name, IntUnaryOperator channel, float... factors) {
    Value value = model.graph().value(name);
    float[] numbers = value.tensor().floats();
    for (int k = 0; k < numbers.length; k++) numbers[k] *= factors[channel.applyAsInt(k)];
    model.graph().setConstant(value, Constant.of(Tensor.of(value.tensor().shape(), numbers)));
    return model;
  }

  private static double error(Model original, Model changed) {
    double noise = 0;
    double signal = 0;
    for (Sample sample : samples().stream().toList()) {
      float[] a = Interpreter.run(original.graph(), sample.inputs()).getFirst().floats();
      float[] b = Interpreter.run(changed.graph(), sample.inputs()).getFirst().floats();
      for (int k = 0; k < a.length; k++) {
        noise += Math.pow(a[k] - b[k], 2);
        signal += Math.pow(a[k], 2);
      }
    }
    return Math.sqrt(noise / signal);
  }

  @ParameterizedTest
  @CsvSource({"cpu, minmax", "openvino, minmax", "onnxruntime, minmax", "cpu, mse", "onnxruntime, auto"})
  void channelsThatReachLessFarLoseLess(String target, String calibration) {
    Model divided = model();
    Model plain = model();
    PassResult result = quantize(divided, target, Map.of("calibration", calibration));
    quantize(plain, target, Map.of("calibration", calibration, "equalization", false));
    assertTrue(result.figures().get("equalization").startsWith("1 of 1 "), result.figures().toString());
    assertTrue(Equalization.isIn(divided) && !Equalization.isIn(plain));
    double error = error(model(), divided);
    assertTrue(2 * error < error(model(), plain), error + " against " + error(model(), plain));
  }

  @Test
  void layersAreComparedWithThoseOfTheOriginalAsIfNothingWereDivided() {
    Model divided = model();
    quantize(divided, "cpu", Map.of());
    try (CpuBackend backend = new CpuBackend()) {
      List<LayerFidelity> layers = new LayerComparison(backend, CompileOptions.DEFAULT.withThreads(1))
          .compare(model(), divided, samples(), 4, Progress.SILENT);
      assertEquals(2, layers.size());
      for (LayerFidelity layer : layers) {
        assertTrue(layer.toString().contains("Conv"), layer.toString());
        assertTrue(layer.sqnr() > 30, layer.toString());
        assertTrue(layer.weights().sqnr() > 30, layer.toString());
      }
    }
  }

  @Test
  void aChannelThatNothingReadsTakesNoSteps() {
    float[] unread = {1, 0, 1, 1, 1, 1, 1, 1};
    Model divided = scaled(model(), "v", k -> k % 8, unread);
    Model plain = scaled(model(), "v", k -> k % 8, unread);
    quantize(divided, "cpu", Map.of());
    quantize(plain, "cpu", Map.of("equalization", false));
    Model original = scaled(model(), "v", k -> k % 8, unread);
    double error = error(original, divided);
    assertTrue(2 * error < error(original, plain), error + " against " + error(original, plain));
  }

  @Test
  void channelsKeepTheirPlacesBehindAFlatten() {
    String text = """
        <ir_version: 8, opset_import: ["": 13]>
        g (float[1,8,6,6] x) => (y) <float[8,1,3,3] d = random(1), float[8] b = random(2), float[128,5] v = random(3), float[5] c = random(4)> {
          h = Conv <group = 8> (x, d, b)
          f = Flatten(h)
          r = Relu(f)
          y = Gemm(r, v, c)
        }
        """;
    float[] down = {1, 0.5f, 0.25f, 1 / 8f, 1 / 16f, 1 / 32f, 1 / 64f, 1 / 128f};
    float[] up = {1, 2, 4, 8, 16, 32, 64, 128};
    List<Model> models = new ArrayList<>();
    for (int m = 0; m < 3; m++) {
      Model model = scaled(GraphText.parse(text), "d", k -> k / 9, down);
      models.add(scaled(scaled(model, "b", k -> k, down), "v", k -> k / 5 / 16, up));
    }
    quantize(models.get(1), "cpu", Map.of());
    quantize(models.get(2), "cpu", Map.of("equalization", false));
    double error = error(models.get(0), models.get(1));
    double whole = error(models.get(0), models.get(2));
    assertTrue(2 * error < whole, error + " against " + whole);
  }

  @ParameterizedTest
  @CsvSource({"cpu, minmax", "onnxruntime, minmax", "cpu, mse"})
  void anotherTryFindsTheSame(String target, String calibration) {
    Memory memory = Memory.fresh();
    Map<String, Object> settings = Map.of("calibration", calibration);
    quantize(model(), target, settings, memory);
    for (Map<String, Object> each : List.of(Map.of("calibration", calibration, "exclude", List.of("y")), settings)) {
      Model remembered = model();
      Model anew = model();
      quantize(remembered, target, each, memory);
      quantize(anew, target, each);
      assertEquals(GraphText.print(anew), GraphText.print(remembered));
    }
  }

  @Test
  void twoStepsDivideOnce() {
    Model model = model();
    assertTrue(
        quantize(model, "cpu", Map.of("exclude", List.of("h"))).figures().containsKey("equalization"));
    PassResult second = quantize(model, "cpu", Map.of());
    assertFalse(second.figures().containsKey("equalization"), second.figures().toString());
  }

  @Test
  void weightsOfFewBitsAndOfOneScaleStayAsTheyAre() {
    for (Map<String, Object> settings : List.<Map<String, Object>>of(Map.of("weight_bits", "4"),
        Map.of("weights", "per_tensor"))) {
      Model model = model();
      assertFalse(quantize(model, "cpu", settings).figures().containsKey("equalization"));
      assertFalse(Equalization.isIn(model));
    }
  }
}
