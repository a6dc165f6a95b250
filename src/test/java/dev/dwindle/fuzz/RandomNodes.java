package dev.dwindle.fuzz;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** The ways in which a {@link RandomGraph} grows by one node or a few that belong together. */
final class RandomNodes {
  private static final List<String> UNARY = List.of("Relu", "Neg", "Abs", "Sigmoid", "Tanh", "Floor", "Ceil", "Erf",
      "HardSwish", "LeakyRelu", "Elu", "Softplus", "Identity", "Dropout", "Sign", "Sin", "Cos", "Round", "Selu");
  private static final List<String> BINARY = List.of("Add", "Sub", "Mul", "Max", "Min");
  private static final List<String> REDUCING = List.of("ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1");

  private interface Growth {
    void add(RandomGraph graph, Value value, Random random);
  }

  private static final List<Growth> ALL = List.of(
      (g, x, r) -> g.node(pick(UNARY, r), List.of(), x),
      (g, x, r) -> g.node(pick(UNARY, r), List.of(), x),
      RandomNodes::binary,
      RandomNodes::binary,
      (g, x, r) -> g.node(pick(BINARY, r), List.of(), x, g.weights(alike(g.shape(x), r))),
      (g, x, r) -> g.node(pick(List.of("Mul", "Div", "Pow"), r), List.of(), x, g.constant(Tensor.scalar(1f))),
      (g, x, r) -> g.node(pick(List.of("Add", "Sub"), r), List.of(), x, g.constant(Tensor.scalar(0f))),
      (g, x, r) -> g.node("Transpose", List.of(Attribute.of("perm", permutation(g.shape(x).rank(), r))), x),
      (g, x, r) -> g.node("Reshape", List.of(), x, g.longs(factors(g.shape(x), r))),
      RandomNodes::computedReshape,
      (g, x, r) -> g.node("Flatten", List.of(Attribute.of("axis", r.nextInt(g.shape(x).rank() + 1))), x),
      (g, x, r) -> g.node("Unsqueeze", List.of(), x, g.longs(r.nextInt(g.shape(x).rank() + 1))),
      (g, x, r) -> g.node("Concat", List.of(Attribute.of("axis", axis(g, x, r))), x, x),
      (g, x, r) -> g.node("Concat", List.of(Attribute.of("axis", axis(g, x, r))), x),
      RandomNodes::slice,
      RandomNodes::pad,
      (g, x, r) -> g.node("Gather", List.of(Attribute.of("axis", axis(g, x, r))), x, g.longs(0, 0)),
      (g, x, r) -> g.node("Expand", List.of(), x, g.longs(LongStream.concat(LongStream.of(2),
          LongStream.of(g.shape(x).dims())).toArray())),
      (g, x, r) -> g.node("Tile", List.of(), x, g.longs(r.longs(g.shape(x).rank(), 1, 3).toArray())),
      (g, x, r) -> g.node(pick(REDUCING, r), List.of(Attribute.of("axes", new long[] {axis(g, x, r)}),
          Attribute.of("keepdims", r.nextInt(2))), x),
      (g, x, r) -> g.node("ReduceSum", List.of(), x, g.longs(axis(g, x, r))),
      (g, x, r) -> g.node("Softmax", List.of(Attribute.of("axis", axis(g, x, r))), x),
      RandomNodes::product,
      RandomNodes::product,
      RandomNodes::convolution,
      RandomNodes::convolution,
      RandomNodes::pool,
      RandomNodes::normalization,
      RandomNodes::roundTrip,
      RandomNodes::choice,
      RandomNodes::split,
      (g, x, r) -> g.node("Clip", List.of(), x, g.constant(Tensor.scalar(-1f)), g.constant(Tensor.scalar(1.5f))),
      (g, x, r) -> g.node("Cast", List.of(Attribute.of("to", DType.FLOAT.code())), x));

  private RandomNodes() {}

  /** Grows the graph in one of the ways, or not at all where it does not fit. */
  static void add(RandomGraph graph) {
    Value value = graph.some();
    if (graph.shape(value).rank() > 0 && graph.shape(value).size() > 0) {
      ALL.get(graph.random().nextInt(ALL.size())).add(graph, value, graph.random());
    } else {
      graph.node("Unsqueeze", List.of(), value, graph.longs(0));
    }
  }

  private static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private static long axis(RandomGraph graph, Value value, Random random) {
    int rank = graph.shape(value).rank();
    return random.nextInt(rank) - (random.nextBoolean() ? rank : 0);
  }

  /** A shape that broadcasts to this one. */
  private static long[] alike(Shape shape, Random random) {
    long[] dims = LongStream.of(shape.dims()).skip(random.nextInt(shape.rank() + 1)).toArray();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = random.nextInt(3) == 0 ? 1 : dims[i];
    }
    return dims;
  }

  private static void binary(RandomGraph graph, Value x, Random random) {
    Value y = graph.some();
    try {
      Shape.broadcast(graph.shape(x), graph.shape(y));
    } catch (RuntimeException e) {
      y = x;
    }
    graph.node(pick(BINARY, random), List.of(), x, y);
  }

  private static long[] permutation(int rank, Random random) {
    long[] perm = LongStream.range(0, rank).toArray();
    for (int i = rank - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      long kept = perm[i];
      perm[i] = perm[j];
      perm[j] = kept;
    }
    return perm;
  }

  private static long[] factors(Shape shape, Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new long[] {-1};
      case 1 -> new long[] {1, shape.size()};
      case 2 -> new long[] {shape.dim(0), -1};
      default -> new long[] {0, -1, 1};
    };
  }

  /** As exporters write it: the first dimension is read from the shape, the rest follows. */
  private static void computedReshape(RandomGraph graph, Value x, Random random) {
    Value shape = graph.node("Shape", List.of(), x);
    Value first = graph.node("Gather", List.of(), shape, graph.longs(0));
    Value wanted = graph.node("Concat", List.of(Attribute.of("axis", 0)), first, graph.longs(-1));
    graph.node("Reshape", List.of(), x, wanted);
  }

  private static void slice(RandomGraph graph, Value x, Random random) {
    long axis = axis(graph, x, random);
    long size = graph.shape(x).dim((int) axis);
    long start = random.nextInt((int) size);
    if (random.nextInt(4) == 0) {
      graph.node("Slice", List.of(), x, graph.longs(0), graph.longs(Long.MAX_VALUE), graph.longs(axis));
    } else if (random.nextInt(4) == 0) {
      graph.node("Slice", List.of(), x, graph.longs(-1), graph.longs(Long.MIN_VALUE), graph.longs(axis),
          graph.longs(-1));
    } else {
      graph.node("Slice", List.of(), x, graph.longs(start), graph.longs(size), graph.longs(axis), graph.longs(1));
    }
  }

  private static void pad(RandomGraph graph, Value x, Random random) {
    long[] pads = new long[2 * graph.shape(x).rank()];
    for (int i = 0; i < pads.length; i++) {
      pads[i] = random.nextInt(3) == 0 ? 1 : 0;
    }
    graph.node("Pad", List.of(), x, graph.longs(pads));
  }

  private static void product(RandomGraph graph, Value x, Random random) {
    Shape shape = graph.shape(x);
    long columns = 1 + random.nextInt(5);
    if (shape.rank() == 2 && random.nextBoolean()) {
      graph.node("Gemm", List.of(Attribute.of("alpha", 0.5f), Attribute.of("transB", 1)), x,
          graph.weights(columns, shape.dim(1)), graph.weights(columns));
    } else {
      Value y = graph.node("MatMul", List.of(), x, graph.weights(shape.dim(-1), columns));
      if (y != null && random.nextBoolean()) {
        graph.node("Add", List.of(), y, graph.weights(columns));
      }
    }
  }

  /** A convolution; often something per channel, a pad before it or an activation behind it. */
  private static void convolution(RandomGraph graph, Value given, Random random) {
    if (graph.shape(given).rank() != 4) {
      return;
    }
    Value x = random.nextInt(3) == 0
        ? graph.node("Pad", List.of(), given, graph.longs(0, 0, 1, 1, 0, 0, 1, 1))
        : given;
    long channels = graph.shape(x).dim(1);
    boolean depthwise = random.nextInt(3) == 0;
    long features = depthwise ? channels : 1 + random.nextInt(6);
    long side = Math.min(Math.min(graph.shape(x).dim(2), graph.shape(x).dim(3)), 1 + random.nextInt(3));
    Value y = graph.node("Conv", List.of(Attribute.of("group", depthwise ? channels : 1),
        Attribute.of("kernel_shape", new long[] {side, side}),
        Attribute.of("strides", new long[] {1 + random.nextInt(2), 1})), x,
        graph.weights(features, depthwise ? 1 : channels, side, side));
    if (y == null) {
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> graph.node("BatchNormalization", List.of(), y, graph.weights(features), graph.weights(features),
          graph.weights(features), graph.constant(Tensor.of(Shape.of(features), positive(graph, (int) features))));
      case 1 -> graph.node("Mul", List.of(), y, graph.weights(1, features, 1, 1));
      case 2 -> graph.node("Relu", List.of(), y);
      default -> {
        Value sum = graph.node("Add", List.of(), y, graph.weights(features, 1, 1));
        if (sum != null) {
          graph.node("Clip", List.of(), sum, graph.constant(Tensor.scalar(0f)), graph.constant(Tensor.scalar(6f)));
        }
      }
    }
  }

  private static float[] positive(RandomGraph graph, int count) {
    float[] numbers = graph.numbers(count);
    for (int i = 0; i < count; i++) {
      numbers[i] = Math.abs(numbers[i]) + 0.25f;
    }
    return numbers;
  }

  private static void pool(RandomGraph graph, Value x, Random random) {
    if (graph.shape(x).rank() != 4) {
      return;
    }
    if (random.nextInt(3) == 0 || graph.shape(x).dim(2) < 2 || graph.shape(x).dim(3) < 2) {
      graph.node("GlobalAveragePool", List.of(), x);
    } else {
      graph.node(random.nextBoolean() ? "MaxPool" : "AveragePool", List.of(
          Attribute.of("kernel_shape", new long[] {2, 2}), Attribute.of("strides", new long[] {1, 2})), x);
    }
  }

  private static void normalization(RandomGraph graph, Value x, Random random) {
    long width = graph.shape(x).dim(-1);
    if (width > 1) {
      graph.node("LayerNormalization", List.of(Attribute.of("epsilon", 0.1f)), x, graph.weights(width),
          graph.weights(width));
    }
  }

  /** QuantizeLinear and DequantizeLinear with one scale. */
  private static void roundTrip(RandomGraph graph, Value x, Random random) {
    Value scale = graph.constant(Tensor.scalar(0.0625f));
    Value zero = graph.constant(Tensor.of(DType.UINT8, Shape.SCALAR, new byte[] {(byte) 128}));
    Value q = graph.node("QuantizeLinear", List.of(), x, scale, zero);
    graph.node("DequantizeLinear", List.of(), q, scale, zero);
  }

  private static void choice(RandomGraph graph, Value x, Random random) {
    Value zero = graph.constant(Tensor.scalar(0f));
    Value condition = graph.node("Greater", List.of(), x, zero);
    graph.node("Where", List.of(), condition, x, zero);
  }

  private static void split(RandomGraph graph, Value x, Random random) {
    long axis = axis(graph, x, random);
    long size = graph.shape(x).dim((int) axis);
    List<Attribute> along = List.of(Attribute.of("axis", axis));
    if (size > 1) {
      graph.node("Split", 2, along, x, graph.longs(1, size - 1));
    } else {
      graph.node("Split", 1, along, x, graph.longs(size));
    }
  }
}
