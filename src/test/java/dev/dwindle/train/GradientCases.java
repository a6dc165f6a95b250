package dev.dwindle.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Graphs of random shapes and attributes, whose element type is called T: one or more for each operator that has a gradient. */
final class GradientCases {
  /** A graph; all its inputs are of type T, and drawn from an interval. Where there is a loss, it is that of y and target. */
  record Case(String name, String inputs, String constants, String nodes, double low, double high, Loss loss) {
    Case(String name, String inputs, String constants, String nodes, double low, double high) {
      this(name, inputs, constants, nodes, low, high, null);
    }

    String text(String type) {
      return ("g (" + inputs + ") => (y)\n" + (constants.isEmpty() ? "" : "<" + constants + ">\n") + "{ " + nodes
          + " }")
          .replaceAll("\\bT\\[", type + "[");
    }

    /** Some composites decompose in FLOAT alone. */
    boolean isInDouble() {
      return !nodes.matches(".*(Layer|Instance)Normalization.*|.*Loss.*") && !(loss instanceof Loss.CrossEntropy);
    }

    @Override
    public String toString() {
      return name + ": (" + inputs + ") " + nodes;
    }
  }

  private final Random random;
  private final List<Case> cases = new ArrayList<>();

  private GradientCases(long seed) {
    random = new Random(seed);
  }

  static Stream<Case> of(int rounds) {
    List<Case> all = new ArrayList<>();
    for (int seed = 0; seed < rounds; seed++) {
      GradientCases each = new GradientCases(seed);
      each.unary();
      each.elementwise();
      each.activations();
      each.products();
      each.convolutions();
      each.pools();
      each.normalizations();
      each.reductions();
      each.movements();
      each.losses();
      all.addAll(each.cases);
    }
    return all.stream();
  }

  private int upTo(int most) {
    return 1 + random.nextInt(most);
  }

  private int[] dims(int rank) {
    return random.ints(rank, 1, 5).toArray();
  }

  private static String list(int... dims) {
    return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  private static String t(String name, int... dims) {
    return "T[" + list(dims).replace(" ", "") + "] " + name;
  }

  private void add(String name, String inputs, String nodes) {
    add(name, inputs, "", nodes);
  }

  private void add(String name, String inputs, String constants, String nodes) {
    cases.add(new Case(name, inputs, constants, nodes, -2, 2));
  }

  private void positive(String name, String inputs, String nodes) {
    cases.add(new Case(name, inputs, "", nodes, 0.3, 2));
  }

  private void unary() {
    for (String operator : List.of("Neg", "Abs", "Exp", "Sin", "Cos", "Tanh", "Sigmoid", "Erf", "Relu", "Identity",
        "Tan")) {
      add(operator, t("x", dims(upTo(3))), "y = " + operator + "(x)");
    }
    for (String operator : List.of("Sqrt", "Log", "Reciprocal")) {
      positive(operator, t("x", dims(upTo(3))), "y = " + operator + "(x)");
    }
    for (String operator : List.of("Floor", "Ceil", "Round", "Sign")) {
      add(operator, t("x", 3, 2), "a = " + operator + "(x) y = Mul(a, x)");
    }
  }

  /** Dimensions that broadcast to others: some are 1, some are left out at the front. */
  private int[] narrower(int[] dims) {
    int[] less = Arrays.copyOfRange(dims, random.nextInt(dims.length + 1), dims.length);
    for (int i = 0; i < less.length; i++) less[i] = random.nextBoolean() ? 1 : less[i];
    return less;
  }

  private void elementwise() {
    for (String operator : List.of("Add", "Sub", "Mul", "Max", "Min")) {
      int[] dims = dims(3);
      add(operator, t("a", dims) + ", " + t("b", narrower(dims)), "y = " + operator + "(a, b)");
      add(operator + " reversed", t("a", narrower(dims)) + ", " + t("b", dims), "y = " + operator + "(a, b)");
    }
    int[] dims = dims(2);
    positive("Div", t("a", dims) + ", " + t("b", narrower(dims)), "y = Div(a, b)");
    positive("Pow", t("a", dims) + ", " + t("b", narrower(dims)), "y = Pow(a, b)");
    add("Pow by constants", t("a", 3, 4), "T[4] e = {0, 1, 2, 3}", "y = Pow(a, e)");
    add("Max of three", t("a", dims) + ", " + t("b", dims) + ", " + t("c", narrower(dims)), "y = Max(a, b, c)");
    add("Sum", t("a", dims) + ", " + t("b", dims) + ", " + t("c", narrower(dims)), "y = Sum(a, b, c)");
    add("Mean", t("a", dims) + ", " + t("b", narrower(dims)), "y = Mean(a, b)");
    add("one value twice", t("a", dims), "y = Mul(a, a)");
    add("Where", t("a", dims) + ", " + t("b", narrower(dims)), "T[] zero = {0}",
        "c = Greater(a, zero) s = Sin(a) y = Where(c, s, b)");
    add("Clip", t("x", 3, 4), "T[] low = {-0.7}, T[] high = {0.9}", "y = Clip(x, low, high)");
    add("Clip below", t("x", 3, 4), "T[] high = {0.9}", "y = Clip(x, \"\", high)");
    add("Clip of crossed ends", t("x", 3, 4) + ", T[] low", "T[] high = {-5}", "y = Clip(x, low, high)");
    add("Clip by inputs", t("x", 5, 4) + ", T[] low", "T[] three = {3}",
        "high = Add(low, three) y = Clip(x, low, high)");
    add("Cast", t("x", 3), "s = Sin(x) w = Cast <to = 11> (s) e = Exp(w) y = CastLike(e, x)");
  }

  private void activations() {
    for (String call : List.of("LeakyRelu <alpha = 0.1>", "Elu", "Celu <alpha = 0.5>", "Selu",
        "ThresholdedRelu <alpha = 0.5>",
        "HardSigmoid", "HardSwish", "Softplus", "Softsign", "Mish", "Gelu", "Gelu <approximate = \"tanh\">",
        "Shrink <lambd = 0.4>")) {
      add(call, t("x", dims(2)), "y = " + call + "(x)");
    }
    add("PRelu", t("x", 2, 3) + ", " + t("slope", 3), "y = PRelu(x, slope)");
  }

  private void products() {
    int m = upTo(4);
    int k = upTo(4);
    int n = upTo(4);
    int batch = upTo(3);
    String[][] shapes = {{list(m, k), list(k, n)}, {list(k), list(k, n)}, {list(m, k), list(k)}, {list(k), list(k)},
        {list(batch, m, k), list(k, n)}, {list(batch, m, k), list(batch, k, n)}, {list(2, 1, m, k), list(batch, k, n)},
        {list(m, k), list(batch, k, n)}, {list(batch, m, k), list(k)}, {list(k), list(batch, k, n)}};
    for (String[] pair : shapes) {
      add("MatMul", "T[" + pair[0] + "] a, T[" + pair[1] + "] b", "y = MatMul(a, b)");
    }
    for (int flags = 0; flags < 4; flags++) {
      int transA = flags & 1;
      int transB = flags >> 1;
      String a = transA == 1 ? t("a", k, m) : t("a", m, k);
      String b = transB == 1 ? t("b", n, k) : t("b", k, n);
      String attributes = " <alpha = 0.5, beta = 2.0, transA = " + transA + ", transB = " + transB + "> ";
      add("Gemm", a + ", " + b + ", " + t("c", narrower(new int[] {m, n})), "y = Gemm" + attributes + "(a, b, c)");
      add("Gemm without C", a + ", " + b, "y = Gemm" + attributes + "(a, b)");
    }
  }

  /** Strides, dilations and pads of so many axes. */
  private String window(int[] kernel, boolean dilated) {
    int axes = kernel.length;
    int[] pads = new int[2 * axes];
    for (int i = 0; i < pads.length; i++) pads[i] = random.nextInt(kernel[i % axes]);
    return "strides = [" + list(random.ints(axes, 1, 4).toArray()) + "], pads = [" + list(pads) + "]"
        + (dilated ? ", dilations = [" + list(random.ints(axes, 1, 3).toArray()) + "]" : "");
  }

  private static int[] joined(int a, int b, int[] rest) {
    int[] all = new int[rest.length + 2];
    all[0] = a;
    all[1] = b;
    System.arraycopy(rest, 0, all, 2, rest.length);
    return all;
  }

  private void convolutions() {
    for (int axes = 1; axes <= 3; axes++) {
      int groups = upTo(3);
      int channels = upTo(2);
      int features = upTo(2);
      int[] kernel = random.ints(axes, 1, 4).toArray();
      int[] extent = random.ints(axes, 5, 8).toArray();
      String attributes = " <group = " + groups + ", " + window(kernel, true) + "> ";
      add("Conv", t("x", joined(upTo(2), groups * channels, extent)) + ", "
          + t("w", joined(groups * features, channels, kernel)) + ", " + t("b", groups * features),
          "y = Conv" + attributes + "(x, w, b)");
      add("ConvTranspose", t("x", joined(upTo(2), groups * channels, random.ints(axes, 3, 5).toArray())) + ", "
          + t("w", joined(groups * channels, features, kernel)) + ", " + t("b", groups * features),
          "y = ConvTranspose" + attributes + "(x, w, b)");
    }
    add("Conv same", t("x", 1, 2, 5, 6) + ", " + t("w", 3, 2, 3, 2),
        "y = Conv <auto_pad = \"SAME_UPPER\", strides = [2, 1]> (x, w)");
    add("ConvTranspose further", t("x", 1, 2, 3, 3) + ", " + t("w", 2, 3, 3, 2),
        "y = ConvTranspose <strides = [3, 2], output_padding = [2, 1]> (x, w)");
    add("Conv depthwise", t("x", 2, 3, 6, 6) + ", " + t("w", 3, 1, 3, 3),
        "y = Conv <group = 3, pads = [1, 1, 1, 1]> (x, w)");
  }

  private void pools() {
    for (int axes = 1; axes <= 3; axes++) {
      int[] kernel = random.ints(axes, 1, 4).toArray();
      String shape = t("x", joined(upTo(2), upTo(3), random.ints(axes, 4, 7).toArray()));
      String attributes = " <kernel_shape = [" + list(kernel) + "], " + window(kernel, false) + ", ceil_mode = "
          + random.nextInt(2);
      add("MaxPool", shape, "y = MaxPool" + attributes + "> (x)");
      add("AveragePool", shape,
          "y = AveragePool" + attributes + ", count_include_pad = " + random.nextInt(2) + "> (x)");
      add("GlobalAveragePool", shape, "y = GlobalAveragePool(x)");
    }
  }

  private void normalizations() {
    int[] dims = dims(3);
    int axis = random.nextInt(3);
    add("Softmax", t("x", dims), "y = Softmax <axis = " + axis + "> (x)");
    add("LogSoftmax", t("x", dims), "y = LogSoftmax <axis = " + (axis - 3) + "> (x)");
    int channels = upTo(3);
    String x = t("x", 3, channels, 2, upTo(3));
    String statistics = "T[" + channels + "] m = {0.3}, T[" + channels + "] v = {1.7}";
    String vectors = ", " + t("s", channels) + ", " + t("b", channels);
    add("BatchNormalization", x + vectors, statistics, "y = BatchNormalization <epsilon = 0.01> (x, s, b, m, v)");
    add("BatchNormalization in training", x + vectors, statistics,
        "y, nm, nv = BatchNormalization <training_mode = 1, epsilon = 0.01> (x, s, b, m, v)");
    add("LayerNormalization", t("x", 2, 3, 4) + ", " + t("s", 3, 4) + ", " + t("b", 3, 4),
        "y = LayerNormalization <axis = 1, epsilon = 0.01> (x, s, b)");
    add("InstanceNormalization", t("x", 2, 3, 4) + ", " + t("s", 3) + ", " + t("b", 3),
        "y = InstanceNormalization <epsilon = 0.01> (x, s, b)");
  }

  private void reductions() {
    int[] dims = dims(3);
    for (String operator : List.of("Sum", "Mean", "Max", "Min", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")) {
      String nodes = "y = Reduce" + operator + " <keepdims = " + random.nextInt(2) + "> (x, axes)";
      String axes = random.nextBoolean() ? "int64[1] axes = {" + (random.nextInt(3) - 3) + "}"
          : "int64[2] axes = {0, -1}";
      cases.add(new Case("Reduce" + operator, t("x", dims), axes, nodes, 0.3, 2));
    }
    add("ReduceMean of all", t("x", dims), "y = ReduceMean <keepdims = 0> (x)");
    add("ReduceMax of nothing", t("x", dims), "y = ReduceMax <noop_with_empty_axes = 1> (x)");
    add("ReduceSum of nothing", t("x", dims), "y = ReduceSum <noop_with_empty_axes = 1> (x)");
  }

  private void movements() {
    add("axes of a node", t("x", 4, 3),
        "a = Constant <value_ints = [0]> () f = Constant <value_ints = [1]> () y = Slice(x, a, f, a)");
    int[] d = dims(3);
    add("Reshape", t("x", d), "int64[2] to = {0, -1}", "y = Reshape(x, to)");
    add("Flatten", t("x", d), "y = Flatten <axis = 2> (x)");
    add("Squeeze", t("x", d[0], 1, d[1]), "int64[1] axes = {1}", "y = Squeeze(x, axes)");
    add("Unsqueeze", t("x", d), "int64[2] axes = {0, -1}", "y = Unsqueeze(x, axes)");
    add("Transpose", t("x", d), "y = Transpose <perm = [2, 0, 1]> (x)");
    add("Transpose reversed", t("x", d), "y = Transpose(x)");
    add("Expand", t("x", d[0], 1), "int64[3] to = {2, 1, 3}", "y = Expand(x, to)");
    add("Tile", t("x", d), "int64[3] repeats = {2, 1, 3}", "y = Tile(x, repeats)");
    int axis = random.nextInt(3);
    int[] other = d.clone();
    other[axis] = upTo(4);
    add("Concat", t("a", d) + ", " + t("b", other), "y = Concat <axis = " + axis + "> (a, b)");
    add("Concat of one twice", t("a", d), "y = Concat <axis = -1> (a, a)");
    add("Split", t("x", 5, 3), "int64[3] sizes = {2, 1, 2}", "y, unread, b = Split(x, sizes)");
    add("Split in use", t("x", 4, 3), "a, b = Split <num_outputs = 2> (x) e = Exp(b) y = Mul(a, e)");
    add("Slice", t("x", 5, 6), "int64[2] from = {1, -5}, int64[2] to = {4, 1000}", "y = Slice(x, from, to)");
    add("Slice by steps", t("x", 5, 7), "int64[2] from = {-1, 1}, int64[2] to = {-1000, 6}, int64[2] axes = {0, 1}, "
        + "int64[2] steps = {-2, 2}", "y = Slice(x, from, to, axes, steps)");
    add("Pad", t("x", 3, 4), "int64[4] pads = {1, 0, 2, 3}", "y = Pad(x, pads)");
    add("Pad that cuts", t("x", 5, 4), "int64[2] pads = {-1, 2}, int64[1] axes = {0}", "y = Pad(x, pads, \"\", axes)");
    add("Gather", t("x", 4, 3, 2), "int64[2,3] at = {0, 2, 2, 1, 0, -1}",
        "y = Gather <axis = " + random.nextInt(2) + "> (x, at)");
    add("Gather last", t("x", 2, 3, 4), "int64[3] at = {3, 1, 1}", "y = Gather <axis = 2> (x, at)");
    add("Gather by INT32", t("x", 4, 3), "int32[3] at = {3, 1, 1}", "y = Gather(x, at)");
    add("Gather one", t("x", 4, 3), "int64[] at = {2}", "y = Gather <axis = 1> (x, at)");
    add("GatherElements", t("x", 3, 4), "int64[2,4] at = {0, 2, 2, 1, 0, 0, 1, 2}",
        "y = GatherElements <axis = 0> (x, at)");
    add("DepthToSpace", t("x", 1, 8, 2, 3), "y = DepthToSpace <blocksize = 2> (x)");
  }

  private void loss(Loss loss, String inputs, String constants) {
    cases.add(new Case(loss.toString(), inputs, constants, "y = Sin(x)", -2, 2, loss));
  }

  private void losses() {
    int[] d = dims(2);
    String alike = t("x", d) + ", " + t("target", d);
    int classes = 1 + upTo(4);
    String placed = t("x", 2, classes, 3) + ", " + t("target", 2, classes, 3);
    String labels = "int64[2,3] target = {0, 1, 1, 0, 0, 1}";
    loss(new Loss.CrossEntropy(0), t("x", 2, classes, 3), labels);
    loss(new Loss.CrossEntropy(0.2), t("x", 2, classes, 3), labels);
    loss(new Loss.MeanSquaredError(), alike, "");
    loss(new Loss.Divergence(1), alike, "");
    loss(new Loss.Divergence(4), placed, "");
    loss(new Loss.Cosine(-1), alike, "");
    loss(new Loss.Cosine(1), placed, "");
    int height = upTo(3);
    loss(new Loss.Attention(), t("x", 2, upTo(3), 3) + ", " + t("target", 2, upTo(4), 3), "");
    loss(new Loss.Attention(), t("x", 3, upTo(3), height, 2) + ", " + t("target", 3, upTo(4), height, 2), "");
    add("cross-entropy", t("x", 3, 5), "int64[3] labels = {4, 0, 2}", "y = SoftmaxCrossEntropyLoss(x, labels)");
    add("residual", t("x", 2, 3, 5, 5) + ", " + t("w", 3, 3, 3, 3),
        "h = Conv <pads = [1, 1, 1, 1]> (x, w) r = Relu(h) y = Add(r, x)");
    add("attention", t("q", 2, 3, 4) + ", " + t("k", 2, 5, 4) + ", " + t("v", 2, 5, 4),
        "kt = Transpose <perm = [0, 2, 1]> (k) s = MatMul(q, kt) p = Softmax(s) y = MatMul(p, v)");
  }
}
