package dev.dwindle.op;

import ai.onnxruntime.OrtException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the plain meanings to ONNX Runtime on random attributes and sizes, where the node tests have few of them. */
class OnnxRuntimeAgreementTest {
  private static final double NEAR = 1e-5;
  private static final int ROUNDS = 12;

  @TempDir
  Path folder;

  private final Random random = new Random(5);

  private long between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  private long[] each(int count, int least, int most) {
    return random.longs(count, least, most + 1).toArray();
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private long[] dims(long first, long second, long[] rest) {
    long[] dims = new long[rest.length + 2];
    dims[0] = first;
    dims[1] = second;
    System.arraycopy(rest, 0, dims, 2, rest.length);
    return dims;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void convolutions(int rank) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      long groups = between(1, 3);
      long perGroup = between(1, 3);
      long features = groups * between(1, 3);
      long[] kernel = each(rank, 1, 3);
      JudgedNode node = new JudgedNode(any(List.of(8, 11, 17)), "Conv").with("group", groups)
          .with("strides", each(rank, 1, 3));
      String auto = any(List.of("NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"));
      // ONNX Runtime knows no dilation with automatic padding.
      node = auto.equals("NOTSET") ? node.with("pads", each(2 * rank, 0, 2)).with("dilations", each(rank, 1, 2))
          : node.with("auto_pad", auto);
      node.input(JudgedNode.floats(random, dims(between(1, 2), groups * perGroup, each(rank, 6, 9))))
          .input(JudgedNode.floats(random, dims(features, perGroup, kernel)));
      if (random.nextBoolean()) {
        node.input(JudgedNode.floats(random, features));
      }
      node.done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void transposedConvolutions(int rank) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      long groups = between(1, 2);
      long channels = groups * between(1, 2);
      long[] strides = each(rank, 1, 3);
      JudgedNode node = new JudgedNode(11, "ConvTranspose").with("group", groups).with("strides", strides);
      String auto = any(List.of("NOTSET", "NOTSET", "VALID"));
      node = auto.equals("NOTSET") ? node.with("pads", each(2 * rank, 0, 1)).with("dilations", each(rank, 1, 2))
          : node.with("auto_pad", auto);
      if (strides[0] > 1) {
        long[] extra = new long[rank];
        extra[0] = 1;
        node.with("output_padding", extra);
      }
      node.input(JudgedNode.floats(random, dims(between(1, 2), channels, each(rank, 3, 5))))
          .input(JudgedNode.floats(random, dims(channels, between(1, 3), each(rank, 2, 3))));
      node.done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MaxPool", "AveragePool", "LpPool"})
  void pools(String operator) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      int rank = (int) between(1, 3);
      boolean ceil = random.nextBoolean();
      JudgedNode node = new JudgedNode(operator.equals("LpPool") ? 18 : any(List.of(11, 12, 19)), operator)
          .with("kernel_shape", each(rank, 2, 3)).with("strides", each(rank, 1, 3));
      String auto = any(List.of("NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"));
      if (auto.equals("NOTSET")) {
        node.with("pads", each(2 * rank, 0, 1)).with("ceil_mode", ceil ? 1 : 0);
      } else {
        node.with("auto_pad", auto);
      }
      if (operator.equals("AveragePool")) {
        node.with("count_include_pad", between(0, 1));
      }
      if (operator.equals("MaxPool")) {
        node.outputs(2);
      }
      if (operator.equals("LpPool")) {
        node.with("p", between(1, 3));
      }
      node.input(JudgedNode.floats(random, dims(between(1, 2), between(1, 3), each(rank, 4, 7))));
      node.done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nearest", "linear", "cubic"})
  void resizes(String mode) throws OrtException {
    for (int round = 0; round < 4 * ROUNDS; round++) {
      int opset = any(List.of(11, 13, 18, 19));
      String coordinates = any(List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"));
      long[] sizes = each(2, 2, 7);
      JudgedNode node = new JudgedNode(opset, "Resize").with("mode", mode)
          .with("coordinate_transformation_mode", coordinates);
      if (mode.equals("nearest")) {
        node.with("nearest_mode", any(List.of("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")));
      }
      if (mode.equals("cubic")) {
        node.with("cubic_coeff_a", any(List.of(-0.5f, -0.75f))).with("exclude_outside", between(0, 1));
      }
      node.input(JudgedNode.floats(random, dims(1, 2, sizes))).held(Tensor.of(Shape.of(0), new float[0]));
      // With align_corners and a fractional length ONNX Runtime parts from the node tests.
      if (random.nextBoolean() && !coordinates.equals("align_corners")) {
        node.held(Tensor.of(Shape.of(4), 1f, 1f, any(List.of(0.5f, 0.6f, 1.5f, 2f)), any(List.of(0.8f, 1f, 1.3f, 3f))));
      } else {
        node.held(Tensor.of(Shape.of(0), new float[0]))
            .held(Tensor.of(Shape.of(4), 1L, 2L, between(1, 9), between(1, 9)));
      }
      node.done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nearest", "linear"})
  void oldResizes(String mode) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      Tensor x = JudgedNode.floats(random, dims(1, 2, each(2, 2, 7)));
      Tensor up = Tensor.of(Shape.of(4), 1f, 1f, any(List.of(1f, 1.5f, 2f)), any(List.of(1f, 1.3f, 3f)));
      Tensor down = Tensor.of(Shape.of(4), 1f, 1f, any(List.of(0.5f, 0.6f)), any(List.of(0.8f, 1f)));
      new JudgedNode(9, "Upsample").with("mode", mode).input(x).held(up).done().assertAgrees(folder, NEAR);
      new JudgedNode(8, "Upsample").with("mode", mode).with("scales", up.floats()).input(x).done()
          .assertAgrees(folder, NEAR);
      new JudgedNode(10, "Resize").with("mode", mode).input(x).held(random.nextBoolean() ? up : down).done()
          .assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RNN", "GRU", "LSTM"})
  void recurrentCells(String operator) throws OrtException {
    int gates = operator.equals("RNN") ? 1 : operator.equals("GRU") ? 3 : 4;
    for (int round = 0; round < ROUNDS; round++) {
      long steps = between(1, 4);
      long batch = between(1, 3);
      long features = between(1, 4);
      long hidden = between(1, 5);
      String direction = any(List.of("forward", "reverse", "bidirectional"));
      long d = direction.equals("bidirectional") ? 2 : 1;
      JudgedNode node = new JudgedNode(14, operator).with("hidden_size", hidden).with("direction", direction);
      if (random.nextBoolean()) {
        node.with("clip", 0.3f);
      }
      if (operator.equals("GRU")) {
        node.with("linear_before_reset", between(0, 1));
      }
      if (operator.equals("LSTM")) {
        node.with("input_forget", between(0, 1));
      }
      node.input(JudgedNode.floats(random, steps, batch, features))
          .held(JudgedNode.floats(random, d, gates * hidden, features))
          .held(JudgedNode.floats(random, d, gates * hidden, hidden))
          .held(JudgedNode.floats(random, d, 2 * gates * hidden));
      int[] lengths = random.ints((int) batch, 1, (int) steps + 1).toArray();
      node.held(Tensor.of(Shape.of(batch), lengths)).input(JudgedNode.floats(random, d, batch, hidden));
      if (operator.equals("LSTM")) {
        node.input(JudgedNode.floats(random, d, batch, hidden)).held(JudgedNode.floats(random, d, 3 * hidden));
      }
      node.outputs(operator.equals("LSTM") ? 3 : 2).done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bilinear", "nearest", "bicubic"})
  void gridSamples(String mode) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      new JudgedNode(16, "GridSample").with("mode", mode).with("align_corners", between(0, 1))
          .with("padding_mode", any(List.of("zeros", "border", "reflection")))
          .input(JudgedNode.floats(random, 2, 2, between(1, 5), between(2, 5)))
          .input(scaled(JudgedNode.floats(random, 2, 4, 3, 2), 1.6f)).done().assertAgrees(folder, NEAR);
    }
  }

  private static Tensor scaled(Tensor tensor, float factor) {
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return Tensor.of(tensor.shape(), values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avg", "max"})
  void regions(String mode) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      new JudgedNode(16, "RoiAlign").with("mode", mode).with("output_height", between(1, 3))
          .with("output_width", between(1, 3)).with("sampling_ratio", mode.equals("max") ? 1 : between(0, 2))
          .with("spatial_scale", 0.5f)
          .with("coordinate_transformation_mode", any(List.of("half_pixel", "output_half_pixel")))
          .input(JudgedNode.floats(random, 2, 2, 7, 6)).held(corners(3)).held(Tensor.of(Shape.of(3), 0L, 1L, 0L)).done()
          .assertAgrees(folder, NEAR);
    }
  }

  private Tensor corners(int count) {
    float[] corners = new float[4 * count];
    for (int i = 0; i < corners.length; i += 4) {
      corners[i] = random.nextFloat(-1, 6);
      corners[i + 1] = random.nextFloat(-1, 6);
      corners[i + 2] = corners[i] + random.nextFloat(1, 7);
      corners[i + 3] = corners[i + 1] + random.nextFloat(1, 7);
    }
    return Tensor.of(Shape.of(count, 4), corners);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ij,jk->ik", "bij,bjk", "...ij,...jk->...ik", "bhid,bhjd->bhij", "ii->i", "i,j,k->kji",
      "abc->b", "...a->a..."})
  void equations(String equation) throws OrtException {
    JudgedNode node = new JudgedNode(12, "Einsum").with("equation", equation);
    for (String term : equation.split("->")[0].split(",")) {
      String labels = term.replace("...", "XY");
      node.input(JudgedNode.floats(random, labels.chars().mapToLong(label -> label % 4 + 2).toArray()));
    }
    node.done().assertAgrees(folder, NEAR);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void suppression(int centred) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      Tensor boxes = centred == 1 ? scaled(JudgedNode.floats(random, 2, 12, 4), 1f)
          : JudgedNode.floats(random, 2, 12, 4);
      float[] values = boxes.floats();
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.abs(values[i]) * 4;
      }
      new JudgedNode(11, "NonMaxSuppression").with("center_point_box", centred)
          .input(Tensor.of(boxes.shape(), values)).input(JudgedNode.floats(random, 2, 3, 12))
          .held(Tensor.scalar(between(1, 12))).held(Tensor.scalar(random.nextFloat(0.1f, 0.6f)))
          .held(Tensor.scalar(random.nextFloat(-0.9f, 0.3f))).done().assertAgreesUnshaped(folder);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 11, 13, 18})
  void softmaxes(int opset) throws OrtException {
    for (String operator : List.of("Softmax", "LogSoftmax")) {
      for (int axis = opset < 11 ? 0 : -3; axis < 3; axis++) {
        new JudgedNode(opset, operator).with("axis", axis).input(JudgedNode.floats(random, 3, 4, 5)).done()
            .assertAgrees(folder, NEAR);
      }
      new JudgedNode(opset, operator).input(JudgedNode.floats(random, 3, 4, 5)).done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void attention(int causal) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      long heads = between(1, 2);
      long group = between(1, 3);
      long queries = between(1, 4);
      long past = between(1, 3);
      long keys = queries + between(0, causal == 1 ? 0 : 2);
      long batch = between(1, 2);
      JudgedNode node = new JudgedNode(23, "Attention").with("is_causal", causal).with("softcap", any(List.of(0f, 3f)))
          .input(JudgedNode.floats(random, batch, heads * group, queries, 4))
          .input(JudgedNode.floats(random, batch, heads, keys, 4))
          .input(JudgedNode.floats(random, batch, heads, keys, 3));
      if (random.nextBoolean()) {
        node.input(JudgedNode.floats(random, queries, past + keys));
      } else {
        node.omitted();
      }
      node.input(JudgedNode.floats(random, batch, heads, past, 4))
          .input(JudgedNode.floats(random, batch, heads, past, 3)).outputs(3).done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 9, 11, 13})
  void products(int opset) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      long m = between(1, 4);
      long k = between(1, 5);
      long n = between(1, 4);
      boolean a = random.nextBoolean();
      boolean b = random.nextBoolean();
      new JudgedNode(opset, "Gemm").with("alpha", random.nextFloat()).with("beta", random.nextFloat())
          .with("transA", a ? 1 : 0).with("transB", b ? 1 : 0).input(JudgedNode.floats(random, a ? k : m, a ? m : k))
          .input(JudgedNode.floats(random, b ? n : k, b ? k : n))
          .input(JudgedNode.floats(random, any(List.of(new long[] {n}, new long[] {1}, new long[] {m, 1},
              new long[] {1, n}, new long[] {m, n}, new long[0]))))
          .done().assertAgrees(folder, NEAR);
    }
    for (List<long[]> shapes : List.of(List.of(new long[] {3}, new long[] {3}),
        List.of(new long[] {3}, new long[] {2, 3, 4}), List.of(new long[] {2, 5, 3}, new long[] {3}),
        List.of(new long[] {2, 1, 5, 3}, new long[] {4, 3, 2}), List.of(new long[] {5, 3}, new long[] {2, 2, 3, 1}))) {
      new JudgedNode(opset, "MatMul").input(JudgedNode.floats(random, shapes.get(0)))
          .input(JudgedNode.floats(random, shapes.get(1))).done().assertAgrees(folder, NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 14, 15, 17})
  void normalizations(int opset) throws OrtException {
    for (int round = 0; round < ROUNDS; round++) {
      long channels = between(1, 4);
      Tensor x = JudgedNode.floats(random, between(1, 3), channels, between(1, 4), between(2, 4));
      new JudgedNode(opset, "BatchNormalization").with("epsilon", 1e-3f).input(x)
          .input(JudgedNode.floats(random, channels)).input(JudgedNode.floats(random, channels))
          .input(JudgedNode.floats(random, channels)).held(squares(channels)).done().assertAgrees(folder, NEAR);
      new JudgedNode(opset, "InstanceNormalization").with("epsilon", 1e-3f).input(x)
          .input(JudgedNode.floats(random, channels)).input(JudgedNode.floats(random, channels)).done()
          .assertAgrees(folder, 1e-4);
      new JudgedNode(opset, "LRN").with("size", any(List.of(1L, 3L, 5L))).with("alpha", 0.3f).with("bias", 2f).input(x)
          .done()
          .assertAgrees(folder, NEAR);
      if (opset >= 17) {
        new JudgedNode(opset, "LayerNormalization").with("axis", 3L).with("epsilon", 1e-3f).input(x)
            .input(JudgedNode.floats(random, x.shape().dim(3))).done().assertAgrees(folder, 1e-4);
      }
    }
  }

  private Tensor squares(long count) {
    float[] values = JudgedNode.floats(random, count).floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * values[i] + 0.01f;
    }
    return Tensor.of(Shape.of(count), values);
  }
}
