package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The Reduce operators: axes folded into one number each. Floating-point sums are kept in double. */
record Reduction(Kind kind) implements Operator {
  /** What is folded, and how. */
  enum Kind {
    SUM("Sum"),
    MEAN("Mean"),
    PROD("Prod"),
    MAX("Max"),
    MIN("Min"),
    L1("L1"),
    L2("L2"),
    SUM_SQUARE("SumSquare"),
    LOG_SUM("LogSum"),
    LOG_SUM_EXP("LogSumExp");

    private final String suffix;

    Kind(String suffix) {
      this.suffix = suffix;
    }
  }

  @Override
  public String name() {
    return "Reduce" + kind.suffix;
  }

  /** The version since which axes are an input. */
  private int inputSince() {
    return kind == Kind.SUM ? 13 : 18;
  }

  /** For each axis, whether it folds. */
  private static boolean[] folded(Call call, long[] axes, int rank) {
    boolean[] folded = new boolean[rank];
    if (axes != null && axes.length > 0) {
      return Axes.marked(call, axes, rank);
    }
    Arrays.fill(folded, !call.flag("noop_with_empty_axes", false));
    return folded;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    if (!call.hasRank(0)) {
      return Inference.one(call.dtype(0), (List<Dim>) null);
    }
    boolean keep = call.flag("keepdims", true);
    int rank = call.tensor(0).rank();
    if (Axes.unknown(call, 1, inputSince())) {
      return Inference.one(call.dtype(0), keep ? Inference.unknownDims(rank) : null);
    }
    boolean[] folded = folded(call, Axes.of(call, 1, inputSince()), rank);
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      if (!folded[i] || keep) {
        dims.add(folded[i] ? Dim.of(1) : call.dims(0).get(i));
      }
    }
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Dim> content(Inference call) {
    List<Dim> content = call.content(0);
    boolean all = content != null && call.hasRank(0) && call.tensor(0).rank() == 1
        && !Axes.unknown(call, 1, inputSince()) && folded(call, Axes.of(call, 1, inputSince()), 1)[0];
    if (!all || (kind != Kind.SUM && kind != Kind.PROD)) {
      return null;
    }
    Dim result = Dim.of(kind == Kind.SUM ? 0 : 1);
    for (Dim dim : content) {
      result = kind == Kind.SUM ? result.plus(dim) : result.times(dim);
    }
    return List.of(result);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Tensor input = call.required(0);
    Shape shape = input.shape();
    boolean[] folded = folded(call, Axes.of(call, 1, inputSince()), shape.rank());
    long[] kept = shape.dims();
    long count = 1;
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < folded.length; i++) {
      count *= folded[i] ? shape.dim(i) : 1;
      kept[i] = folded[i] ? 1 : shape.dim(i);
      if (!folded[i] || call.flag("keepdims", true)) {
        dims.add(kept[i]);
      }
    }
    Shape result = Shape.of(dims.stream().mapToLong(d -> d).toArray());
    long[] strides = Shape.of(kept).strides();
    for (int i = 0; i < folded.length; i++) {
      strides[i] = folded[i] ? 0 : strides[i];
    }
    boolean inReals = input.dtype().isFloating() || kind == Kind.L2 || kind == Kind.LOG_SUM || kind == Kind.LOG_SUM_EXP;
    return List.of(inReals ? reals(input, strides, result, count) : integers(input, strides, result, count));
  }

  private Tensor reals(Tensor input, long[] strides, Shape result, long count) {
    double[] values = Elements.doubles(input);
    double[] folds = new double[result.intSize()];
    if (kind == Kind.LOG_SUM_EXP) {
      logSumExp(input.shape(), values, strides, folds);
    } else {
      fold(kind, input.shape(), values, strides, folds);
    }
    for (int i = 0; i < folds.length; i++) {
      folds[i] = switch (kind) {
        case MEAN -> folds[i] / count;
        case L2 -> Math.sqrt(folds[i]);
        case LOG_SUM -> Math.log(folds[i]);
        default -> folds[i];
      };
    }
    return Numbers.tensor(input.dtype(), result, folds);
  }

  private static void logSumExp(Shape shape, double[] values, long[] strides, double[] folds) {
    double[] shifts = new double[folds.length];
    fold(Kind.MAX, shape, values, strides, shifts);
    for (int i = 0; i < shifts.length; i++) {
      shifts[i] = Double.isFinite(shifts[i]) ? shifts[i] : 0;
    }
    Rows.walk(shape.dims(), shape.strides(), strides, (a, stepA, b, stepB, n) -> {
      for (int i = 0; i < n; i++) {
        int to = (int) (b + i * stepB);
        folds[to] += Math.exp(values[(int) (a + i * stepA)] - shifts[to]);
      }
    });
    for (int i = 0; i < folds.length; i++) {
      folds[i] = Math.log(folds[i]) + shifts[i];
    }
  }

  private static void fold(Kind kind, Shape shape, double[] x, long[] strides, double[] folds) {
    Arrays.fill(folds, switch (kind) {
      case PROD -> 1;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
      default -> 0;
    });
    Rows.walk(shape.dims(), shape.strides(), strides, (a, stepA, b, stepB, n) -> {
      int from = (int) a;
      int to = (int) b;
      int step = (int) stepB;
      for (int i = 0; i < n; i++) {
        double v = x[from + i];
        switch (kind) {
          case PROD -> folds[to] *= v;
          case MAX -> folds[to] = Math.max(folds[to], v);
          case MIN -> folds[to] = Math.min(folds[to], v);
          case L1 -> folds[to] += Math.abs(v);
          case L2, SUM_SQUARE -> folds[to] += v * v;
          default -> folds[to] += v;
        }
        to += step;
      }
    });
  }

  private Tensor integers(Tensor input, long[] strides, Shape result, long count) {
    DType dtype = input.dtype();
    long[] x = Elements.longs(input);
    long[] folds = new long[result.intSize()];
    Arrays.fill(folds, switch (kind) {
      case PROD -> 1;
      case MAX -> dtype == DType.BOOL ? 0 : dtype.min();
      case MIN -> dtype == DType.BOOL ? 1 : dtype.max();
      default -> 0;
    });
    boolean unsigned = dtype == DType.UINT64;
    Rows.walk(input.shape().dims(), input.shape().strides(), strides, (a, stepA, b, stepB, n) -> {
      int to = (int) b;
      for (int i = 0; i < n; i++) {
        long v = x[(int) a + i];
        boolean less = unsigned ? Long.compareUnsigned(v, folds[to]) < 0 : v < folds[to];
        folds[to] = switch (kind) {
          case PROD -> folds[to] * v;
          case MAX -> less ? folds[to] : v;
          case MIN -> less ? v : folds[to];
          case L1 -> folds[to] + (unsigned ? v : Math.abs(v));
          case SUM_SQUARE -> folds[to] + v * v;
          default -> folds[to] + v;
        };
        to += (int) stepB;
      }
    });
    for (int i = 0; kind == Kind.MEAN && count > 0 && i < folds.length; i++) {
      folds[i] = unsigned ? Long.divideUnsigned(folds[i], count) : folds[i] / count;
    }
    return Elements.ofLongs(dtype, result, folds);
  }

  /** As ONNX's function bodies: an elementwise step, ReduceSum, an elementwise step. */
  @Override
  public List<Value> decompose(Expansion call) {
    Value x = call.input(0);
    DType dtype = call.type(0).dtype();
    if (dtype == null || !dtype.isFloating()) {
      return null;
    }
    return switch (kind) {
      case L1 -> List.of(sum(call, call.op("Abs", x)));
      case SUM_SQUARE -> List.of(sum(call, call.op("Mul", x, x)));
      case L2 -> List.of(call.op("Sqrt", sum(call, call.op("Mul", x, x))));
      case LOG_SUM -> List.of(call.op("Log", sum(call, x)));
      case LOG_SUM_EXP -> {
        Value wide = call.op("Cast", List.of(Attribute.of("to", DType.DOUBLE.code())), x);
        Value log = call.op("Log", sum(call, call.op("Exp", wide)));
        yield List.of(call.op("Cast", List.of(Attribute.of("to", dtype.code())), log));
      }
      default -> null;
    };
  }

  private Value sum(Expansion call, Value x) {
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.of("keepdims", call.integer("keepdims", 1)));
    long[] axes = call.version() < inputSince() ? call.integers("axes", (long[]) null) : null;
    if (call.version() < 13) {
      if (axes != null) {
        attributes.add(Attribute.of("axes", axes));
      }
      return call.op("ReduceSum", attributes, x);
    }
    attributes.add(Attribute.of("noop_with_empty_axes", call.integer("noop_with_empty_axes", 0)));
    Value given = axes != null ? call.integers(axes) : call.version() >= inputSince() ? call.input(1) : null;
    return given == null ? call.op("ReduceSum", attributes, x) : call.op("ReduceSum", attributes, x, given);
  }
}
