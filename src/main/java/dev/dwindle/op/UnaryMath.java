package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;

/** A function of one number, element by element: computed in double and rounded once; integers wrap around. */
final class UnaryMath implements Operator {
  static final Operator ABS = new UnaryMath("Abs", 6, Math::abs, Math::abs, null);
  static final Operator NEG = new UnaryMath("Neg", 6, x -> -x, x -> -x, null);
  static final Operator SIGN = new UnaryMath("Sign", 9, UnaryMath::sign, Long::signum, null);
  static final Operator CEIL = new UnaryMath("Ceil", 6, Math::ceil, null, null);
  static final Operator FLOOR = new UnaryMath("Floor", 6, Math::floor, null, null);
  static final Operator ROUND = new UnaryMath("Round", 11, Math::rint, null, null);
  static final Operator SQRT = new UnaryMath("Sqrt", 6, Math::sqrt, null, null);
  static final Operator RECIPROCAL = new UnaryMath("Reciprocal", 6, x -> 1 / x, null,
      call -> one(call, (c, one) -> c.op("Div", one, c.input(0))));
  static final Operator EXP = new UnaryMath("Exp", 6, Math::exp, null, null);
  static final Operator LOG = new UnaryMath("Log", 6, Math::log, null, null);
  static final Operator SIN = new UnaryMath("Sin", 7, Math::sin, null, null);
  static final Operator COS = new UnaryMath("Cos", 7, Math::cos, null, null);
  static final Operator TAN = new UnaryMath("Tan", 7, Math::tan, null,
      call -> call.op("Div", call.op("Sin", call.input(0)), call.op("Cos", call.input(0))));
  static final Operator ASIN = new UnaryMath("Asin", 7, Math::asin, null, null);
  static final Operator ACOS = new UnaryMath("Acos", 7, Math::acos, null, null);
  static final Operator ATAN = new UnaryMath("Atan", 7, Math::atan, null, null);
  static final Operator SINH = new UnaryMath("Sinh", 9, Math::sinh, null, null);
  static final Operator COSH = new UnaryMath("Cosh", 9, Math::cosh, null, null);
  static final Operator TANH = new UnaryMath("Tanh", 6, Math::tanh, null, null);
  static final Operator ASINH = new UnaryMath("Asinh", 9, UnaryMath::asinh, null, null);
  static final Operator ACOSH = new UnaryMath("Acosh", 9, UnaryMath::acosh, null, null);
  static final Operator ATANH = new UnaryMath("Atanh", 9, UnaryMath::atanh, null, null);
  static final Operator SIGMOID = new UnaryMath("Sigmoid", 6, UnaryMath::sigmoid, null, null);
  static final Operator ERF = new UnaryMath("Erf", 9, ErrorFunction::erf, x -> (long) (float) ErrorFunction.erf(x),
      null);

  private interface WithOne {
    Value apply(Expansion call, Value one);
  }

  private final String name;
  private final int since;
  private final DoubleUnaryOperator reals;
  private final LongUnaryOperator integers;
  private final Function<Expansion, Value> decomposition;

  private UnaryMath(String name, int since, DoubleUnaryOperator reals, LongUnaryOperator integers,
      Function<Expansion, Value> decomposition) {
    this.name = name;
    this.since = since;
    this.reals = reals;
    this.integers = integers;
    this.decomposition = decomposition;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int since() {
    return since;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return call.same(0);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = call.dtype(0);
    if (type.isFloating()) {
      return List.of(map(call.input(0), reals));
    }
    if (integers == null) {
      throw call.invalid("input is of type " + type.text() + ", expected a floating-point type");
    }
    if (type.isUnsigned() && this != ERF) {
      return List.of(this == SIGN ? unsignedSign(call.input(0)) : call.input(0));
    }
    long[] x = call.longs(0);
    for (int i = 0; i < x.length; i++) {
      x[i] = integers.applyAsLong(x[i]);
    }
    return List.of(Elements.ofLongs(type, call.shape(0), x));
  }

  /** The tensor of {@code function} of each element of a floating-point tensor, rounded once to its type. */
  static Tensor map(Tensor tensor, DoubleUnaryOperator function) {
    if (tensor.dtype() == DType.DOUBLE) {
      double[] x = tensor.doubles();
      for (int i = 0; i < x.length; i++) {
        x[i] = function.applyAsDouble(x[i]);
      }
      return Tensor.of(tensor.shape(), x);
    }
    float[] x = Elements.floats(tensor);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) function.applyAsDouble(x[i]);
    }
    return Elements.ofFloats(tensor.dtype(), tensor.shape(), x);
  }

  @Override
  public List<Value> decompose(Expansion call) {
    Value result = decomposition == null ? null : decomposition.apply(call);
    return result == null ? null : List.of(result);
  }

  private static Value one(Expansion call, WithOne body) {
    DType type = call.type(0).dtype();
    return type == null ? null : body.apply(call, call.scalar(type, 1));
  }

  private static Tensor unsignedSign(Tensor tensor) {
    long[] x = Elements.longs(tensor);
    for (int i = 0; i < x.length; i++) {
      x[i] = x[i] == 0 ? 0 : 1;
    }
    return Elements.ofLongs(tensor.dtype(), tensor.shape(), x);
  }

  private static double sign(double x) {
    return x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x;
  }

  private static double asinh(double x) {
    double a = Math.abs(x);
    return Math.copySign(a > 1e9 ? Math.log(a) + Math.log(2) : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a))), x);
  }

  private static double acosh(double x) {
    double t = x - 1;
    return x > 1e9 ? Math.log(x) + Math.log(2) : Math.log1p(t + Math.sqrt(t * (x + 1)));
  }

  private static double atanh(double x) {
    return 0.5 * Math.log1p(2 * x / (1 - x));
  }

  /** Through the exponential of a negative number, which does not overflow. */
  static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }
}
