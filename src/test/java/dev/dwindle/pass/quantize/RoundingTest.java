package dev.dwindle.pass.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.op.Interpreter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundingTest {
  private static final Quantize PASS = new Quantize();
  private static final String CONV = """
      net (float[1,4,9,9] x) => (y)
      <float[6,2,3,3] w = random(1), float[6] b = random(2)>
      {
        h = Conv <group = 2, strides = [2, 2], pads = [1, 0, 1, 2]> (x, w, b)
        y = Relu(h)
      }
      """;
  private static final String BLOCK = """
      net (float[1,4,6,6] x) => (y)
      <float[4,4,3,3] w1 = random(1), float[4] b1 = random(2), float[4,4,3,3] w2 = random(3), float[4] b2 = random(4),
       float[4,4,1,1] w3 = random(5), float[4] b3 = random(6), int64[2] flat = {0, -1}, float[10,144] v = random(7), float[10] c = random(8)>
      {
        h0 = Conv(x, w3, b3)
        r0 = Relu(h0)
        h1 = Conv <pads = [1, 1, 1, 1]> (r0, w1, b1)
        r1 = Relu(h1)
        h2 = Conv <pads = [1, 1, 1, 1]> (r1, w2, b2)
        s = Add(h2, r0)
        r2 = Relu(s)
        f = Reshape(r2, flat)
        y = Gemm <transB = 1> (f, v, c)
      }
      """;

  private static Samples samples(int count, long... shape) {
    Random random = new Random(5);
    List<Sample> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] values = new float[Shape.of(shape).intSize()];
      // A mean above 0, so that errors of one sign add up.
      for (int k = 0; k < values.length; k++) values[k] = (float) (0.7 + random.nextGaussian());
      list.add(new Sample(Map.of("x", Tensor.of(Shape.of(shape), values)), null, true));
    }
    return Samples.of(list);
  }

  private static PassResult quantize(Model model, Map<String, Object> given, Samples samples, int threads, long seed) {
    Map<String, Object> settings = new HashMap<>(Map.of("weight_bits", 4));
    settings.putAll(given);
    try (CpuBackend backend = new CpuBackend()) {
      PassResult result = PASS.apply(model.graph(),
          new PassContext(PASS.settings().check("test", settings), TargetProfile.of("onnxruntime"), backend, samples,
              threads, seed, Progress.SILENT));
      GraphVerifier.verify(model.graph());
      return result;
    }
  }

  private static Map<String, Object> learned(String way, int steps) {
    return Map.of("rounding", way, "rounding_steps", steps);
  }

  private static byte[] bytes(Model model) {
    return OnnxWriter.bytes(model, Arena.ofAuto()).toArray(ValueLayout.JAVA_BYTE);
  }

  private static double error(Model original, Model quantized, Samples samples) {
    double[] sum = new double[1];
    samples.stream().forEach(sample -> {
      double[] a = Elements.doubles(Interpreter.run(original.graph(), sample.inputs()).getFirst());
      double[] b = Elements.doubles(Interpreter.run(quantized.graph(), sample.inputs()).getFirst());
      for (int i = 0; i < a.length; i++) sum[0] += (a[i] - b[i]) * (a[i] - b[i]);
    });
    return sum[0];
  }

  /** Each integer is one of the two neighbours of the number that it stands for, within the ends. */
  private static void requireNeighbours(Model original, Model quantized, String weight, int axis) {
    Value stored = quantized.graph().value(weight + "_quantized");
    Node node = stored.uses().getFirst().node();
    float[] exact = original.graph().value(weight).tensor().floats();
    float[] scales = node.input(1).tensor().floats();
    Shape shape = stored.tensor().shape();
    int inner = scales.length == 1 ? exact.length : (int) shape.product(axis + 1, shape.rank());
    long[] integers = Elements.longs(stored.tensor());
    for (int i = 0; i < exact.length; i++) {
      float step = exact[i] / scales[i / inner % scales.length];
      long low = Math.clamp((long) Math.floor(step), -7, 7);
      long high = Math.clamp((long) Math.floor(step) + 1, -7, 7);
      assertTrue(integers[i] == low || integers[i] == high, integers[i] + " for " + step);
    }
  }

  private static void requireBetter(String text, String weight, int axis, Map<String, Object> more, long... shape) {
    Model original = GraphText.parse(text);
    Model nearest = original.copy();
    Model rounded = original.copy();
    Samples samples = samples(40, shape);
    quantize(nearest, more, samples, 1, 0);
    Map<String, Object> settings = new HashMap<>(learned("layers", 300));
    settings.putAll(more);
    PassResult result = quantize(rounded, settings, samples, 1, 0);
    assertTrue(result.figures().get("rounding").startsWith("learned by layers: 1 layers in 1 parts"),
        result.figures().toString());
    requireNeighbours(original, rounded, weight, axis);
    assertTrue(error(original, rounded, samples) < error(original, nearest, samples));
  }

  @Test
  void aConvolutionWithGroupsStridesAndUnevenPadsErrsLess() {
    requireBetter(CONV, "w", 0, Map.of(), 1, 4, 9, 9);
  }

  @Test
  void oneScaleForAllChannelsErrsLess() {
    requireBetter(CONV, "w", 0, Map.of("weights", "per_tensor"), 1, 4, 9, 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void gemmErrsLess(int transposed) {
    requireBetter("""
        net (float[1,12] x) => (y)
        <float[%s] w = random(1), float[5] b = random(2)>
        {
          y = Gemm <transB = %d> (x, w, b)
        }
        """.formatted(transposed == 1 ? "5,12" : "12,5", transposed), "w", 1 - transposed, Map.of(), 1, 12);
  }

  @Test
  void matMulErrsLess() {
    requireBetter("""
        net (float[1,3,12] x) => (y)
        <float[12,5] w = random(1)>
        {
          y = MatMul(x, w)
        }
        """, "w", 1, Map.of(), 1, 3, 12);
  }

  /** All weights but one are less than half a step above an integer, and all inputs alike: what nearest loses adds up. */
  @Test
  void errorsThatAddUpAreTakenBack() {
    Model original = GraphText.parse("""
        net (float[1,11] x) => (y)
        <float[11,1] w = {0.7, 0.131, 0.133, 0.135, 0.137, 0.139, 0.141, 0.143, 0.145, 0.147, 0.149}>
        {
          y = MatMul(x, w)
        }
        """);
    List<Sample> alike = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      float[] values = new float[11];
      Arrays.fill(values, 1 + i / 20f);
      alike.add(new Sample(Map.of("x", Tensor.of(Shape.of(1, 11), values)), null, true));
    }
    Model nearest = original.copy();
    Model rounded = original.copy();
    Map<String, Object> plain = Map.of("smoothing", false);
    quantize(nearest, plain, Samples.of(alike), 1, 0);
    Map<String, Object> settings = new HashMap<>(learned("layers", 300));
    settings.putAll(plain);
    quantize(rounded, settings, Samples.of(alike), 1, 0);
    double before = error(original, nearest, Samples.of(alike));
    double after = error(original, rounded, Samples.of(alike));
    assertTrue(after < before / 4, after + " of " + before);
  }

  @Test
  void blocksAreReconstructedWhole() {
    Model original = GraphText.parse(BLOCK);
    Samples samples = samples(40, 1, 4, 6, 6);
    Model nearest = original.copy();
    Model rounded = original.copy();
    quantize(nearest, Map.of(), samples, 1, 0);
    PassResult result = quantize(rounded, learned("blocks", 200), samples, 1, 0);
    assertTrue(result.figures().get("rounding").startsWith("learned by blocks: 4 layers in 3 parts"),
        result.figures().toString());
    for (String weight : List.of("w1", "w2", "w3", "v")) requireNeighbours(original, rounded, weight, 0);
    assertTrue(error(original, rounded, samples) < error(original, nearest, samples));
  }

  @Test
  void nearestIsTheDefault() {
    Model plain = GraphText.parse(BLOCK);
    Model named = plain.copy();
    Samples samples = samples(4, 1, 4, 6, 6);
    PassResult result = quantize(plain, Map.of(), samples, 1, 0);
    quantize(named, Map.of("rounding", "nearest", "rounding_steps", 100), samples, 1, 0);
    assertFalse(result.figures().containsKey("rounding"));
    assertArrayEquals(bytes(plain), bytes(named));
  }

  @Test
  void bytesDoNotDependOnThreadsButOnTheSeed() {
    Model one = GraphText.parse(BLOCK);
    Model two = one.copy();
    Model other = one.copy();
    Samples samples = samples(40, 1, 4, 6, 6);
    quantize(one, learned("blocks", 100), samples, 1, 3);
    // However undecided a hundred steps have left them.
    for (String weight : List.of("w1", "w2", "w3", "v")) requireNeighbours(GraphText.parse(BLOCK), one, weight, 0);
    quantize(two, learned("blocks", 100), samples, 2, 3);
    quantize(other, learned("blocks", 100), samples, 1, 4);
    assertArrayEquals(bytes(one), bytes(two));
    assertFalse(Arrays.equals(bytes(one), bytes(other)));
  }

  @Test
  void aLayerWhoseSamplesDifferInShapeIsRoundedToNearest() {
    String text = """
        net (float[1,n,12] x) => (y)
        <float[12,5] w = random(1)>
        {
          y = MatMul(x, w)
        }
        """;
    Model model = GraphText.parse(text);
    List<Sample> mixed = new ArrayList<>();
    samples(2, 1, 3, 12).stream().forEach(mixed::add);
    samples(2, 1, 4, 12).stream().forEach(mixed::add);
    PassResult result = quantize(model, learned("layers", 100), Samples.of(mixed), 1, 0);
    assertEquals("the samples have different shapes", result.figures().get("rounded to nearest: all layers"));
    Model nearest = GraphText.parse(text);
    quantize(nearest, Map.of(), Samples.of(mixed), 1, 0);
    assertArrayEquals(bytes(nearest), bytes(model), "as if nothing were learned");
  }

  @Test
  void oneSampleIsEnoughAndNoneIsRefusedAsBefore() {
    Model one = GraphText.parse(CONV);
    quantize(one, learned("layers", 100), samples(1, 1, 4, 9, 9), 1, 0);
    Model none = GraphText.parse(CONV);
    Map<String, Object> settings = new HashMap<>(learned("layers", 100));
    settings.put("mode", "static");
    InvalidInputException thrown = assertThrows(InvalidInputException.class,
        () -> quantize(none, settings, Samples.none(), 1, 0));
    assertTrue(thrown.getMessage().startsWith("calibration: found no samples"), thrown.getMessage());
  }
}
