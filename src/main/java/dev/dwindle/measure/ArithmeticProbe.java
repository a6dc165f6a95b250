package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.InPrecision;
import dev.dwindle.backend.PartitionedExecutable;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.result.IntegerArithmetic.Layer;
import dev.dwindle.result.IntegerArithmetic.Sums;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Finds out what a device does with 8-bit integers, by layers between Q/DQ pairs whose exact results are known: every
 * input is 255, and only the weights differ. It takes a fraction of a second.
 */
public final class ArithmeticProbe {
  private static final int INPUT = 255;
  private static final int WEIGHT = 127;
  private static final int CHANNELS = 16;
  private static final int FEATURES = 16;
  /** So many products with {@link #SAFE} exceed 2^31. */
  private static final int LONG = 140_000;
  /** Two products with this weight fit 16 bits. */
  private static final int SAFE = 63;

  private final Backend device;

  private ArithmeticProbe(Backend device) {
    this.device = device;
  }

  /** What a device does; {@link Sums#UNKNOWN} for layers that it does not run. */
  public static IntegerArithmetic of(Backend device) {
    // In a smaller precision results are rounded on their way out, and would tell nothing of the sums.
    ArithmeticProbe probe = new ArithmeticProbe(device instanceof InPrecision other ? other.full() : device);
    Map<Layer, Sums> sums = new EnumMap<>(Layer.class);
    Sums wide = probe.convolution(1, CHANNELS, 3);
    sums.put(Layer.CONV, wide == Sums.EXACT ? probe.convolution(1, CHANNELS, 1) : wide);
    sums.put(Layer.GROUPED_CONV, probe.convolution(2, CHANNELS, 3));
    sums.put(Layer.DEPTHWISE_CONV, probe.convolution(FEATURES, 1, 3));
    sums.put(Layer.MATMUL, probe.product());
    return new IntegerArithmetic(sums, probe.rounding(), probe.accumulator(), probe.keepsDenormals());
  }

  /** Features of a first kind have all weights, of a second two neighbouring channels at one tap, of a third two neighbouring taps of one channel. */
  private Sums convolution(int groups, int channels, int kernel) {
    int taps = kernel * kernel;
    byte[] weights = new byte[FEATURES * channels * taps];
    for (int f = 0; f < FEATURES; f++) {
      int from = f * channels * taps;
      switch (f % 3) {
        case 0 -> Arrays.fill(weights, from, from + channels * taps, (byte) WEIGHT);
        case 1 -> set(weights, from, 0, channels > 1 ? taps : 0);
        default -> set(weights, from, 0, taps > 1 ? 1 : 0);
      }
    }
    Model model = model(Shape.of(1, (long) groups * channels, 5, 5));
    Graph graph = model.graph();
    NodeBuilder conv = graph.node("Conv").in(pair(graph, graph.value("x")), weights(graph, weights,
        Shape.of(FEATURES, channels, kernel, kernel), 0));
    conv.attribute(Attribute.of("group", groups));
    float[] y = run(model, conv, (long) groups * channels * 25);
    if (y == null) return Sums.UNKNOWN;
    int plane = y.length / FEATURES;
    int middle = plane / 2;
    double one = (double) INPUT * WEIGHT;
    return judge(y[middle], channels * taps * one, y[plane + middle], (channels > 1 ? 2 : 1) * one,
        y[2 * plane + middle], (taps > 1 ? 2 : 1) * one);
  }

  private Sums product() {
    int inner = 64;
    byte[] weights = new byte[inner * FEATURES];
    for (int i = 0; i < weights.length; i++) {
      if (i % FEATURES % 3 == 0 || i / FEATURES < 2) weights[i] = WEIGHT;
    }
    Model model = model(Shape.of(4, inner));
    Graph graph = model.graph();
    float[] y = run(model, graph.node("MatMul").in(pair(graph, graph.value("x")),
        weights(graph, weights, Shape.of(inner, FEATURES), 1)), 4L * inner);
    double one = (double) INPUT * WEIGHT;
    return y == null ? Sums.UNKNOWN : judge(y[0], inner * one, y[1], 2 * one, one, one);
  }

  /** From sums found and expected: over all, over two channels, over two taps. */
  private static Sums judge(double all, double exactAll, double channels, double exactChannels, double taps,
      double exactTaps) {
    if (all == exactAll && channels == exactChannels && taps == exactTaps) return Sums.EXACT;
    if (channels == Short.MAX_VALUE && taps == exactTaps) return Sums.CHANNEL_PAIRS;
    return taps == Short.MAX_VALUE && channels == exactChannels ? Sums.TAP_PAIRS : Sums.OTHER;
  }

  private static void set(byte[] weights, int from, int first, int second) {
    weights[from + first] = WEIGHT;
    weights[from + second] = WEIGHT;
  }

  /** One sum that exceeds 32 bits, and one that is small although it exceeds 24 bits on the way. */
  private String accumulator() {
    byte[] weights = new byte[LONG * FEATURES];
    for (int i = 0; i < weights.length; i++) {
      int row = i / FEATURES;
      weights[i] = (byte) (i % FEATURES % 2 == 0 ? SAFE
          : row == 0 ? 1 : row % 2 == 0 ? 0 : row < LONG / 2 ? SAFE : -SAFE);
    }
    int less = 0;
    for (int i = 1; i < weights.length; i += FEATURES) less += weights[i];
    Model model = model(Shape.of(1, LONG));
    Graph graph = model.graph();
    float[] y = run(model, graph.node("MatMul").in(pair(graph, graph.value("x")),
        weights(graph, weights, Shape.of(LONG, FEATURES), 1)), LONG);
    if (y == null) return "unknown";
    if (y[1] != (float) INPUT * less) return "not exact beyond 24 bits";
    long whole = (long) INPUT * SAFE * LONG;
    return y[0] == (float) (int) whole ? "32 bits, wraps" : y[0] == (float) Integer.MAX_VALUE ? "32 bits, saturates"
        : y[0] == (float) whole ? "more than 32 bits" : "32 bits, wrong beyond";
  }

  private String rounding() {
    Model model = model(Shape.of(6));
    Graph graph = model.graph();
    float[] y = run(model, graph.node("Identity").in(pair(graph, graph.value("x"))),
        Tensor.of(Shape.of(6), 0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f));
    if (y == null) return "unknown";
    return Arrays.equals(y, new float[] {0, 2, 2, 4, 4, 6}) ? "to even"
        : Arrays.equals(y, new float[] {1, 2, 3, 4, 5, 6}) ? "up"
            : Arrays.equals(y, new float[] {0, 1, 2, 3, 4, 5}) ? "down" : "in another way";
  }

  private boolean keepsDenormals() {
    Model model = model(Shape.of(4));
    Graph graph = model.graph();
    Value half = graph.addConstant("half", Tensor.of(Shape.of(1), 0.5f));
    float[] y = run(model, graph.node("Mul").in(graph.value("x"), half),
        Tensor.of(Shape.of(4), 2e-38f, 2e-38f, 1, 1));
    return y != null && y[0] != 0;
  }

  private static Model model(Shape input) {
    Model model = new Model(8, 0);
    model.opsets().put("", 17);
    model.graph().setName("probe");
    Value x = model.graph().addValue("x", TensorType.of(DType.FLOAT, input));
    model.graph().addInput(x);
    return model;
  }

  private static Value pair(Graph graph, Value value) {
    Value by = graph.addConstant("scale", Tensor.scalar(1f));
    Value zero = graph.addConstant("zero", Tensor.of(DType.UINT8, Shape.SCALAR, (byte) 0));
    TensorType type = value.tensorType();
    Value integers = graph.node("QuantizeLinear").in(value, by, zero).out("integers", type.with(DType.UINT8)).append()
        .output();
    return graph.node("DequantizeLinear").in(integers, by, zero).out("numbers", type).append().output();
  }

  private static Value weights(Graph graph, byte[] weights, Shape shape, int axis) {
    float[] scales = new float[shape.intDim(axis)];
    Arrays.fill(scales, 1);
    Value integers = graph.addConstant("w", Tensor.of(DType.INT8, shape, weights));
    Value scale = graph.addConstant("w_scale", Tensor.of(Shape.of(scales.length), scales));
    Value zero = graph.addConstant("w_zero", Tensor.of(DType.INT8, Shape.of(scales.length), new byte[scales.length]));
    return graph.node("DequantizeLinear").in(integers, scale, zero).attribute(Attribute.of("axis", axis))
        .out("weights", TensorType.of(DType.FLOAT, shape)).append().output();
  }

  private float[] run(Model model, NodeBuilder last, long elements) {
    float[] x = new float[(int) elements];
    Arrays.fill(x, INPUT);
    return run(model, last, Tensor.of(((TensorType) model.graph().value("x").type()).shape(), x));
  }

  /** What the graph gives, or null where the device does not run all of it. */
  private float[] run(Model model, NodeBuilder last, Tensor x) {
    Graph graph = model.graph();
    graph.addOutput(last.out("y", new TensorType(DType.FLOAT, null)).append().output());
    try (Executable executable = device.compile(graph, CompileOptions.DEFAULT.withThreads(1));
        Bound bound = executable.bind()) {
      bound.set("x", x);
      bound.run();
      // What another device ran says nothing of this one.
      boolean whole = !(executable instanceof PartitionedExecutable parts) || parts.partition().causes().isEmpty();
      return whole ? bound.outputs().get("y").floats() : null;
    } catch (InvalidInputException e) {
      return null;
    }
  }
}
