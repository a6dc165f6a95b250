package dev.dwindle.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The table of small graphs that every backend is held to: each operator at sizes that leave remainders everywhere. */
final class OperatorCases {
  /** Sizes around and between vector lengths and tile sizes. */
  static final int[] AWKWARD = {1, 4, 6, 13, 17, 33};

  /** How far two floats may be apart. */
  interface Tolerance {
    void assertEqual(String where, Tensor expected, Tensor actual, Case c);
  }

  /** A graph with its inputs. */
  record Case(String name, Model model, Map<String, Tensor> inputs, Tolerance tolerance) {}

  private final List<Case> cases = new ArrayList<>();
  private final Random random = new Random(11);

  private OperatorCases() {}

  static List<Case> all() {
    OperatorCases table = new OperatorCases();
    table.elementwise();
    table.products();
    table.convolutions();
    table.pools();
    table.poolGradients();
    table.movement();
    table.rows();
    table.images();
    table.recurrent();
    table.quantized();
    table.fakeQuantized();
    table.longSums();
    table.manyFeatures();
    table.cases.addAll(GraphCases.all());
    return table.cases;
  }

  /** Inner dimensions that a device may share out. */
  private void longSums() {
    add("MatMul", sums(), List.of(), floats(Shape.of(2, 5, 1000)), floats(Shape.of(1000, 7)));
    add("Gemm", sums(), List.of(Attribute.of("transA", 1), Attribute.of("alpha", 0.5f), Attribute.of("beta", 2f)),
        floats(Shape.of(775, 5)), floats(Shape.of(775, 70)), floats(Shape.of(5, 1)));
    add("Conv", sums(), List.of(pads(1), Attribute.of("group", 2)), floats(Shape.of(2, 130, 5, 6)),
        floats(Shape.of(6, 65, 3, 3)), floats(Shape.of(6)));
    add("ConvTranspose", sums(), List.of(pads(1), strides(2), Attribute.of("group", 2)), floats(Shape.of(2, 130, 5, 6)),
        floats(Shape.of(130, 17, 3, 3)), floats(Shape.of(34)));
  }

  /** Transposed convolutions of more features than a device may want to make a tile. */
  private void manyFeatures() {
    for (int n : AWKWARD) {
      Tensor image = floats(Shape.of(2, 4, n, 5));
      add("ConvTranspose", sums(), List.of(strides(3), Attribute.of("dilations", new long[] {2, 1}), pads(1)), image,
          floats(Shape.of(4, 18, 3, 2)), floats(Shape.of(18)));
      add("ConvTranspose", sums(), List.of(strides(2), Attribute.of("group", 4)), image, floats(Shape.of(4, 2, 3, 3)),
          floats(Shape.of(8)));
    }
  }

  private void elementwise() {
    for (int n : AWKWARD) {
      for (String operator : List.of("Relu", "Sqrt", "Neg", "Abs", "Sign", "Reciprocal", "Sigmoid", "Tanh", "Exp",
          "Erf")) {
        add(operator, near(4), List.of(), positive(Shape.of(3, n)));
      }
      for (String operator : List.of("Add", "Sub", "Mul", "Div", "Min", "Max", "Pow")) {
        add(operator, near(4), List.of(), positive(Shape.of(3, n)), positive(Shape.of(3, n)));
        add(operator, near(4), List.of(), positive(Shape.of(2, n, 5)), positive(Shape.of(n, 1)));
        add(operator, near(4), List.of(), positive(Shape.of(n)), positive(Shape.of(2, 1, n)));
        add(operator, near(4), List.of(), positive(Shape.SCALAR), positive(Shape.of(2, n)));
        add(operator, near(4), List.of(), positive(Shape.of(2, n, 1)), positive(Shape.of(2, 1, 3)));
      }
    }
  }

  private void products() {
    for (int n : AWKWARD) {
      add("MatMul", sums(), List.of(), floats(Shape.of(n, 7)), floats(Shape.of(7, n)));
      add("MatMul", sums(), List.of(), floats(Shape.of(2, 3, n, 5)), floats(Shape.of(3, 5, 6)));
      add("MatMul", sums(), List.of(), floats(Shape.of(2, 3, n)), constant(floats(Shape.of(n, 13))));
      add("Gemm", sums(), List.of(Attribute.of("transB", 1)), floats(Shape.of(3, n)), constant(floats(Shape.of(17, n))),
          constant(floats(Shape.of(17))));
      add("Gemm", sums(), List.of(Attribute.of("transA", 1), Attribute.of("alpha", 0.5f), Attribute.of("beta", 2f)),
          floats(Shape.of(n, 4)), constant(floats(Shape.of(n, 6))), constant(floats(Shape.of(1))));
      add("Gemm", sums(), List.of(Attribute.of("transB", 1)), floats(Shape.of(3, n)), floats(Shape.of(17, n)),
          floats(Shape.of(17)));
    }
  }

  private void convolutions() {
    for (int n : AWKWARD) {
      conv(n, 3, 1, 3, List.of());
      conv(4, n, 1, 3, List.of(pads(1), strides(2)));
      conv(n, n, n, 3, List.of(pads(1), Attribute.of("group", n)));
      conv(6, 4, 2, 1, List.of(Attribute.of("group", 2), strides(1)));
      conv(4, 6, 1, 3, List.of(Attribute.of("auto_pad", "SAME_UPPER"), strides(2)));
      conv(4, 6, 1, 3, List.of(Attribute.of("dilations", new long[] {2, 2}), pads(2)));
    }
    add("Conv", sums(), List.of(Attribute.of("pads", new long[] {1, 1})), floats(Shape.of(2, 4, 17)),
        constant(floats(Shape.of(6, 4, 3))));
    add("Conv", sums(), List.of(), floats(Shape.of(2, 4, 6, 6)), floats(Shape.of(6, 4, 3, 3)));
    add("Conv", sums(), List.of(pads(1)), floats(Shape.of(19, 4, 6, 6)), floats(Shape.of(6, 4, 3, 3)),
        floats(Shape.of(6)));
    add("Conv", sums(), List.of(Attribute.of("group", 4)), floats(Shape.of(9, 4, 6, 6)),
        constant(floats(Shape.of(4, 1, 3, 3))), floats(Shape.of(4)));
    transposed();
    weightGradients();
  }

  private void transposed() {
    for (int n : AWKWARD) {
      Tensor image = floats(Shape.of(2, 4, n, 5));
      add("ConvTranspose", sums(), List.of(), image, floats(Shape.of(4, 3, 3, 2)), floats(Shape.of(3)));
      add("ConvTranspose", sums(), List.of(strides(2), Attribute.of("pads", new long[] {1, 0, 0, 1})), image,
          constant(floats(Shape.of(4, n, 3, 3))), constant(floats(Shape.of(n))));
      add("ConvTranspose", sums(), List.of(strides(2), Attribute.of("output_padding", new long[] {1, 1})), image,
          floats(Shape.of(4, 3, 1, 1)));
      add("ConvTranspose", sums(), List.of(strides(3), Attribute.of("group", 2)), image, floats(Shape.of(4, 3, 2, 4)),
          floats(Shape.of(6)));
      add("ConvTranspose", sums(), List.of(Attribute.of("dilations", new long[] {2, 3}), pads(1)), image,
          floats(Shape.of(4, 3, 3, 3)));
    }
    add("ConvTranspose", sums(), List.of(Attribute.of("strides", new long[] {2})), floats(Shape.of(2, 4, 17)),
        floats(Shape.of(4, 3, 5)));
  }

  private void weightGradients() {
    for (int n : AWKWARD) {
      weightGradient(3, n, n, 6, 3, pads(1));
      weightGradient(17, 4, 5, 5 + n, 3, pads(1), strides(2));
      weightGradient(5, 6, 4, 7 + n, 1, strides(1));
      weightGradient(2, 6, 4, 9 + n, 3, Attribute.of("dilations", new long[] {2, 2}), Attribute.of("group", 2));
      weightGradient(2, n, n, 16, 2, Attribute.of("group", n), strides(1));
    }
    own("ConvWeightGradient", sums(), List.of(Attribute.of("kernel_shape", new long[] {3})),
        floats(Shape.of(7, 3, 19)), floats(Shape.of(7, 5, 17)));
  }

  private void weightGradient(int batch, int channels, int features, int size, int kernel, Attribute... more) {
    List<Attribute> attributes = new ArrayList<>(List.of(more));
    attributes.add(Attribute.of("kernel_shape", new long[] {kernel, kernel}));
    long pad = longs(attributes, "pads", 0);
    long extent = (kernel - 1) * longs(attributes, "dilations", 1) + 1;
    long out = (size + 2 * pad - extent) / longs(attributes, "strides", 1) + 1;
    own("ConvWeightGradient", sums(), attributes, floats(Shape.of(batch, channels, size, size)),
        floats(Shape.of(batch, features, out, out)));
  }

  private static long longs(List<Attribute> attributes, String name, long otherwise) {
    return attributes.stream().filter(a -> a.name().equals(name))
        .map(a -> ((Attribute.IntValues) a.value()).values()[0]).findFirst().orElse(otherwise);
  }

  private static Attribute pads(long pad) {
    return Attribute.of("pads", new long[] {pad, pad, pad, pad});
  }

  private static Attribute strides(long stride) {
    return Attribute.of("strides", new long[] {stride, stride});
  }

  private void conv(int channels, int features, int groups, int kernel, List<Attribute> attributes) {
    int perGroup = attributes.stream().anyMatch(a -> a.name().equals("group")) ? channels / groups : channels;
    for (int size : new int[] {6, 13, 17}) {
      add("Conv", sums(), attributes, floats(Shape.of(1, channels, size, size + 1)),
          constant(floats(Shape.of(features, perGroup, kernel, kernel))), constant(floats(Shape.of(features))));
    }
  }

  private void pools() {
    for (int n : AWKWARD) {
      for (String operator : List.of("MaxPool", "AveragePool")) {
        List<Attribute> two = List.of(Attribute.of("kernel_shape", new long[] {2, 2}), strides(2), pads(1));
        List<Attribute> three = List.of(Attribute.of("kernel_shape", new long[] {3, 2}), Attribute.of("ceil_mode", 1),
            strides(2));
        add(operator, operator.equals("MaxPool") ? near(0) : sums(), two, floats(Shape.of(2, 3, n, 5)));
        add(operator, operator.equals("MaxPool") ? near(0) : sums(), three, floats(Shape.of(1, 3, n + 3, 6)));
      }
      for (String operator : List.of("MaxPool", "AveragePool")) {
        List<Attribute> squares = List.of(Attribute.of("kernel_shape", new long[] {2, 2}), strides(2));
        List<Attribute> whole = List.of(Attribute.of("kernel_shape", new long[] {n, 5}));
        add(operator, operator.equals("MaxPool") ? near(0) : sums(), squares, floats(Shape.of(2, 3, n + 1, 2 * n + 3)));
        add(operator, operator.equals("MaxPool") ? near(0) : sums(), whole, floats(Shape.of(2, 3, n, 5)));
      }
      add("GlobalAveragePool", sums(), List.of(), floats(Shape.of(2, 3, n, 5)));
      add("GlobalMaxPool", near(0), List.of(), floats(Shape.of(2, 3, n, 5)));
    }
  }

  private void poolGradients() {
    for (int n : AWKWARD) {
      own("MaxPoolGradient", sums(), List.of(Attribute.of("kernel_shape", new long[] {2, 2}), strides(2)),
          floats(Shape.of(3, 2, 2 * n, 6)), floats(Shape.of(3, 2, n, 3)));
      own("MaxPoolGradient", near(4), List.of(Attribute.of("kernel_shape", new long[] {3, 3}), pads(1)),
          tied(Shape.of(2, 3, n, 5)), positive(Shape.of(2, 3, n, 5)));
    }
    own("MaxPoolGradient", near(0), List.of(Attribute.of("kernel_shape", new long[] {2})), tied(Shape.of(1, 2, 3)),
        Tensor.of(Shape.of(1, 2, 2), 1f, 2f, 3f, 4f));
  }

  /** Many equal elements. */
  private Tensor tied(Shape shape) {
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) values[i] = random.nextInt(2);
    return Tensor.of(shape, values);
  }

  private void movement() {
    for (int n : AWKWARD) {
      add("Transpose", near(0), List.of(Attribute.of("perm", new long[] {0, 2, 1})), floats(Shape.of(2, n, 3)));
      add("Transpose", near(0), List.of(Attribute.of("perm", new long[] {0, 2, 1, 3})), floats(Shape.of(2, n, 3, 4)));
      add("Concat", near(0), List.of(Attribute.of("axis", 1)), floats(Shape.of(2, n, 3)), floats(Shape.of(2, 4, 3)));
      add("Concat", near(0), List.of(Attribute.of("axis", -1)), floats(Shape.of(2, n, 1)), floats(Shape.of(2, n, 1)));
      add("Slice", near(0), List.of(), floats(Shape.of(3, n + 2)), integers(1, 0), integers(3, n + 2),
          integers(0, 1), integers(1, 2));
      add("Gather", near(0), List.of(Attribute.of("axis", 1)), floats(Shape.of(3, n)), integers(0, n - 1, 0));
      add("Pad", near(0), List.of(), floats(Shape.of(2, n)), integers(0, 1, 1, 2));
      add("Pad", near(0), List.of(Attribute.of("mode", "edge")), floats(Shape.of(2, n)), integers(0, 1, 1, 2));
      add("Expand", near(0), List.of(), floats(Shape.of(n, 1)), integers(2, n, 3));
      add("Reshape", near(0), List.of(), floats(Shape.of(n, 6)), integers(3, -1));
    }
  }

  private void rows() {
    for (int n : AWKWARD) {
      add("Softmax", near(16), List.of(Attribute.of("axis", -1)), floats(Shape.of(3, n)));
      add("Softmax", near(16), List.of(Attribute.of("axis", 1)), floats(Shape.of(3, n, 5)));
      add("LayerNormalization", within(1e-5), List.of(), floats(Shape.of(2, 3, n + 3)),
          constant(floats(Shape.of(n + 3))), constant(floats(Shape.of(n + 3))));
      for (String operator : List.of("ReduceMean", "ReduceMax", "ReduceMin")) {
        for (long axis : new long[] {0, 1, 2, -1}) {
          add(operator, near(16), List.of(Attribute.of("axes", new long[] {axis})), positive(Shape.of(4, n, 3)));
        }
        add(operator, near(16), List.of(Attribute.of("axes", new long[] {1, 2}), Attribute.of("keepdims", 0)),
            positive(Shape.of(2, n, 3)));
        add(operator, near(16), List.of(Attribute.of("axes", new long[] {0, 2, 3}), Attribute.of("keepdims", 0)),
            positive(Shape.of(2, n, 3, 4)));
      }
      add("Gather", near(0), List.of(Attribute.of("axis", 1)), constant(floats(Shape.of(2, n, 3))),
          Tensor.of(Shape.of(2, 2), 0L, n - 1L, -1L, 0L));
      add("Cast", near(0), List.of(Attribute.of("to", 1)), Tensor.of(Shape.of(n), new long[n]));
    }
  }

  private void images() {
    for (String mode : List.of("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel")) {
      for (int n : new int[] {1, 4, 13}) {
        List<Attribute> linear = List.of(Attribute.of("mode", "linear"),
            Attribute.of("coordinate_transformation_mode", mode));
        add("Resize", within(1e-6), linear, positive(Shape.of(1, 2, n, n + 2)), constant(floats(Shape.of(0))),
            constant(Tensor.of(Shape.of(4), 1f, 1f, 2f, 2f)));
        add("Resize", within(1e-6), linear, positive(Shape.of(1, 2, n, n + 2)), constant(floats(Shape.of(0))),
            constant(floats(Shape.of(0))), integers(1, 2, 5, 3));
        add("Resize", near(0), List.of(Attribute.of("mode", "nearest"),
            Attribute.of("coordinate_transformation_mode", mode)), floats(Shape.of(1, 2, n, n + 2)),
            constant(floats(Shape.of(0))), constant(Tensor.of(Shape.of(4), 1f, 1f, 2f, 2f)));
      }
    }
  }

  private void recurrent() {
    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      int d = direction.equals("bidirectional") ? 2 : 1;
      for (int n : new int[] {1, 6, 17}) {
        add("LSTM", within(1e-5), List.of(Attribute.of("direction", direction), Attribute.of("hidden_size", n)),
            floats(Shape.of(3, 2, 5)), constant(floats(Shape.of(d, 4 * n, 5))),
            constant(floats(Shape.of(d, 4 * n, n))), constant(floats(Shape.of(d, 8 * n))));
      }
      // With states to begin with and peepholes.
      add("LSTM", within(1e-5), List.of(Attribute.of("direction", direction), Attribute.of("hidden_size", 35)),
          floats(Shape.of(4, 3, 6)), constant(floats(Shape.of(d, 140, 6))), constant(floats(Shape.of(d, 140, 35))),
          null, null, floats(Shape.of(d, 3, 35)), floats(Shape.of(d, 3, 35)), constant(floats(Shape.of(d, 105))));
    }
  }

  private void quantized() {
    for (DType type : List.of(DType.INT8, DType.UINT8)) {
      for (int n : AWKWARD) {
        Object[] one = {constant(scale(1)), constant(bytes(type, Shape.of(1)))};
        Object[] each = {constant(scale(n)), constant(bytes(type, Shape.of(n)))};
        add("QuantizeLinear", near(0), List.of(), positive(Shape.of(3, n)), one[0], one[1]);
        add("QuantizeLinear", near(0), List.of(), positive(Shape.of(2, n, 3)), each[0], each[1]);
        add("DequantizeLinear", near(0), List.of(Attribute.of("axis", -1)), bytes(type, Shape.of(3, n)), each[0],
            each[1]);
        add("MatMulInteger", near(0), List.of(), bytes(type, Shape.of(2, 5, n)), constant(bytes(type, Shape.of(n, 7))),
            bytes(type, Shape.SCALAR), constant(bytes(type, Shape.of(7))));
        add("MatMulInteger", near(0), List.of(), bytes(type, Shape.of(n, 5)), bytes(type, Shape.of(2, 5, 7)),
            bytes(type, Shape.of(n)));
        add("QLinearMatMul", near(0), List.of(), bytes(type, Shape.of(5, n)), one[0], one[1],
            constant(bytes(type, Shape.of(n, n))), each[0], each[1], constant(scale(1)), one[1]);
        add("ConvInteger", near(0), List.of(pads(1), strides(2)), bytes(type, Shape.of(2, 3, n, 9)),
            constant(bytes(type, Shape.of(n, 3, 3, 2))), one[1], each[1]);
        add("QLinearConv", near(0), List.of(pads(1), Attribute.of("group", n)), bytes(type, Shape.of(1, n, 8, 6)),
            one[0],
            one[1], constant(bytes(type, Shape.of(n, 1, 3, 3))), each[0], each[1], constant(scale(1)), one[1],
            constant(Tensor.of(Shape.of(n), random.ints(n, -900, 900).toArray())));
        add("QLinearConv", near(0), List.of(), bytes(type, Shape.of(1, 4, 8, n)), one[0], one[1],
            bytes(type, Shape.of(n, 4, 1, 1)), one[0], one[1], constant(scale(1)), one[1]);
      }
    }
  }

  private void fakeQuantized() {
    for (int n : AWKWARD) {
      for (long axis : new long[] {0, 1, -1}) {
        fakeQuantize(Shape.of(n, n, n), axis, Shape.of(n));
      }
      fakeQuantize(Shape.of(n), 0, Shape.of(n));
      fakeQuantize(Shape.of(3, n), 1, Shape.SCALAR);
    }
    fakeQuantize(Shape.of(2, 3, 20_001), 1, Shape.of(3));
    fakeQuantize(Shape.of(700, 33), 1, Shape.of(33));
    fakeQuantize(Shape.of(3, 20_001), 1, Shape.of(1));
  }

  private void fakeQuantize(Shape shape, long axis, Shape scales) {
    Tensor scale = random(scales, 0.1f, 0.3f);
    Tensor zero = Elements.ofDoubles(DType.FLOAT, scales,
        random.ints(scales.intSize(), -2, 2).asDoubleStream().toArray());
    List<Attribute> ends = List.of(Attribute.of("axis", axis), Attribute.of("low", -4), Attribute.of("high", 3));
    own("FakeQuantize", near(0), ends, floats(shape), scale, constant(zero));
    own("FakeQuantizeGradient", near(0), ends, floats(shape), scale, zero, floats(shape));
  }

  private Tensor bytes(DType type, Shape shape) {
    byte[] values = new byte[shape.intSize()];
    random.nextBytes(values);
    return Tensor.of(type, shape, values);
  }

  private Tensor scale(int n) {
    return random(Shape.of(n), 0.01f, 0.02f);
  }

  /** Marks an input that the graph holds itself. */
  private record Held(Tensor tensor) {}

  private static Held constant(Tensor tensor) {
    return new Held(tensor);
  }

  private static Held integers(long... values) {
    return new Held(Tensor.of(Shape.of(values.length), values));
  }

  private void add(String operator, Tolerance tolerance, List<Attribute> attributes, Object... inputs) {
    add("", operator, tolerance, attributes, inputs);
  }

  /** An operator of Dwindle's own domain. */
  private void own(String operator, Tolerance tolerance, List<Attribute> attributes, Object... inputs) {
    add("dev.dwindle", operator, tolerance, attributes, inputs);
  }

  private void add(String domain, String operator, Tolerance tolerance, List<Attribute> attributes,
      Object... inputs) {
    Model model = new Model(8, 17);
    if (!domain.isEmpty()) model.opsets().put(domain, 1);
    Graph graph = model.graph();
    Map<String, Tensor> given = new LinkedHashMap<>();
    NodeBuilder node = graph.node(domain, operator).name(operator);
    StringBuilder name = new StringBuilder(operator).append('(');
    for (Object input : inputs) {
      if (input == null) {
        node.in((Value) null);
        name.append(", none");
        continue;
      }
      Tensor tensor = input instanceof Held held ? held.tensor() : (Tensor) input;
      Value value;
      if (input instanceof Held) {
        value = graph.addConstant("c" + graph.values().size(), tensor);
      } else {
        value = graph.addValue("x" + given.size(), TensorType.of(tensor));
        graph.addInput(value);
        given.put(value.name(), tensor);
      }
      node.in(value);
      name.append(name.charAt(name.length() - 1) == '(' ? "" : ", ").append(tensor);
    }
    attributes.forEach(node::attribute);
    graph.addOutput(node.out("y", null).append().output());
    String title = name.append(") ").append(attributes.stream().map(Attribute::name).toList()).toString();
    cases.add(new Case(cases.size() + " " + title, model, given, tolerance));
  }

  private Tensor floats(Shape shape) {
    return random(shape, -1, 1);
  }

  private Tensor positive(Shape shape) {
    return random(shape, 0.1f, 2);
  }

  private Tensor random(Shape shape, float low, float high) {
    float[] values = new float[shape.intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(low, high);
    }
    return Tensor.of(shape, values);
  }

  /** At most {@code c} roundings of a result apart. */
  private static Tolerance near(double c) {
    return (where, expected, actual, unused) -> assertWithin(where, expected, actual, Elements.doubles(expected), c);
  }

  /** Within a fixed distance, for results near one that come of many roundings. */
  static Tolerance within(double distance) {
    return (where, expected, actual, unused) -> {
      double[] ones = new double[expected.shape().intSize()];
      java.util.Arrays.fill(ones, 1);
      assertWithin(where, expected, actual, ones, distance / Math.ulp(1f));
    };
  }

  /** |a - b| <= c * eps * sum |x| |w|: the sum is the operator's own, over absolute values. */
  private static Tolerance sums() {
    return (where, expected, actual, c) -> {
      Map<String, Tensor> magnitudes = new LinkedHashMap<>();
      c.inputs().forEach((name, tensor) -> magnitudes.put(name, magnitude(tensor)));
      Model model = c.model().copy();
      for (Value constant : model.graph().constants()) {
        model.graph().setConstant(constant, dev.dwindle.graph.Constant.of(magnitude(constant.tensor())));
      }
      Tensor sums = Interpreter.run(model.graph(), magnitudes).getFirst();
      assertWithin(where, expected, actual, Elements.doubles(sums), 8);
    };
  }

  private static Tensor magnitude(Tensor tensor) {
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return Tensor.of(tensor.shape(), values);
  }

  private static void assertWithin(String where, Tensor expected, Tensor actual, double[] scale, double c) {
    assertEquals(expected.dtype(), actual.dtype(), where);
    assertEquals(expected.shape(), actual.shape(), where);
    double[] a = Elements.doubles(expected);
    double[] b = Elements.doubles(actual);
    for (int i = 0; i < a.length; i++) {
      double limit = c * Math.ulp(1f) * Math.abs(scale[i]);
      assertTrue(a[i] == b[i] || Math.abs(a[i] - b[i]) <= limit,
          where + ", element " + i + ": expected " + a[i] + " +- " + limit + ", found " + b[i]);
    }
  }
}
