package dev.dwindle.op;

import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/**
 * An activation function of one floating-point tensor: computed in double with the attributes as floats, rounded once.
 * The decompositions keep exponents at or below zero, so that neither they nor their gradients overflow.
 */
final class Activation implements Operator {
  /** The simpler operators that mean the same for elements of this type. */
  private interface Recipe {
    Value apply(Expansion call, DType type);
  }

  static final Operator LEAKY_RELU = new Activation("LeakyRelu", 6, call -> {
    double alpha = call.real("alpha", 0.01f);
    return x -> x >= 0 ? x : alpha * x;
  }, (call, type) -> call.op("Add", positive(call, type),
      call.op("Mul", call.scalar(type, call.real("alpha", 0.01f)), negative(call, type))));

  static final Operator ELU = new Activation("Elu", 6, call -> {
    double alpha = call.real("alpha", 1);
    return x -> x < 0 ? alpha * Math.expm1(x) : x;
  }, (call, type) -> call.op("Add", positive(call, type),
      call.op("Mul", call.scalar(type, call.real("alpha", 1)), expMinusOne(call, type, negative(call, type)))));

  static final Operator CELU = new Activation("Celu", 12, call -> {
    double alpha = call.real("alpha", 1);
    return x -> Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }, (call, type) -> {
    Value alpha = call.scalar(type, call.real("alpha", 1));
    Value below = expMinusOne(call, type, call.op("Div", negative(call, type), alpha));
    return call.op("Add", positive(call, type), call.op("Mul", alpha, below));
  });

  static final Operator SELU = new Activation("Selu", 6, call -> {
    double alpha = call.real("alpha", 1.67326319217681884765625f);
    double gamma = call.real("gamma", 1.05070102214813232421875f);
    return x -> gamma * (x > 0 ? x : alpha * Math.expm1(x));
  }, (call, type) -> {
    Value alpha = call.scalar(type, call.real("alpha", 1.67326319217681884765625f));
    Value below = call.op("Mul", alpha, expMinusOne(call, type, negative(call, type)));
    return call.op("Mul", call.scalar(type, call.real("gamma", 1.05070102214813232421875f)),
        call.op("Add", positive(call, type), below));
  });

  static final Operator THRESHOLDED_RELU = new Activation("ThresholdedRelu", 10, call -> {
    double alpha = call.real("alpha", 1);
    return x -> x > alpha ? x : 0;
  }, (call, type) -> call.op("Where",
      call.op("Greater", call.input(0), call.scalar(type, call.real("alpha", 1))), call.input(0),
      call.scalar(type, 0)));

  static final Operator HARD_SIGMOID = new Activation("HardSigmoid", 6, call -> {
    double alpha = call.real("alpha", 0.2f);
    double beta = call.real("beta", 0.5f);
    return x -> Math.max(0, Math.min(1, alpha * x + beta));
  }, (call, type) -> hardSigmoid(call, type, call.real("alpha", 0.2f), call.real("beta", 0.5f)));

  static final Operator HARD_SWISH = new Activation("HardSwish", 14,
      call -> x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)),
      (call, type) -> call.op("Mul", call.input(0), hardSigmoid(call, type, 1 / 6.0, 0.5)));

  static final Operator SOFTPLUS = new Activation("Softplus", 1, call -> Activation::softplus, Activation::softplus);

  static final Operator SOFTSIGN = new Activation("Softsign", 1, call -> x -> x / (1 + Math.abs(x)),
      (call, type) -> call.op("Div", call.input(0),
          call.op("Add", call.scalar(type, 1), call.op("Abs", call.input(0)))));

  static final Operator MISH = new Activation("Mish", 18, call -> x -> x * Math.tanh(softplus(x)),
      (call, type) -> call.op("Mul", call.input(0), call.op("Tanh", softplus(call, type))));

  static final Operator GELU = new Activation("Gelu", 20, Activation::gelu, (call, type) -> {
    Value x = call.input(0);
    Value inner = isTanh(call) ? call.op("Tanh", call.op("Mul", call.scalar(type, Math.sqrt(2 / Math.PI)),
        call.op("Add", x, call.op("Mul", call.scalar(type, 0.044715), call.op("Mul", x, call.op("Mul", x, x))))))
        : call.op("Erf", call.op("Mul", x, call.scalar(type, Math.sqrt(0.5))));
    return call.op("Mul", call.op("Mul", call.scalar(type, 0.5), x), call.op("Add", call.scalar(type, 1), inner));
  });

  static final Operator SWISH = new Activation("Swish", 24, call -> {
    double alpha = call.real("alpha", 1);
    return x -> x * UnaryMath.sigmoid(alpha * x);
  }, (call, type) -> swish(call, type));

  private final String name;
  private final int since;
  private final Function<Call, DoubleUnaryOperator> function;
  private final Recipe recipe;

  private Activation(String name, int since, Function<Call, DoubleUnaryOperator> function, Recipe recipe) {
    this.name = name;
    this.since = since;
    this.function = function;
    this.recipe = recipe;
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
    if (!call.dtype(0).isFloating()) {
      throw call.invalid("input is of type " + call.dtype(0).text() + ", expected a floating-point type");
    }
    return List.of(UnaryMath.map(call.input(0), function.apply(call)));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    DType type = call.type(0).dtype();
    // Before version 9 there is no Where, before 8 no Max and Min that broadcast.
    return type == null || call.version() < 9 ? null : List.of(recipe.apply(call, type));
  }

  /** {@code x Sigmoid(alpha x)}. */
  static Value swish(Expansion call, DType type) {
    Value scaled = call.op("Mul", call.scalar(type, call.real("alpha", 1)), call.input(0));
    return call.op("Mul", call.input(0), call.op("Sigmoid", scaled));
  }

  private static Value positive(Expansion call, DType type) {
    return call.op("Max", call.input(0), call.scalar(type, 0));
  }

  private static Value negative(Expansion call, DType type) {
    return call.op("Min", call.input(0), call.scalar(type, 0));
  }

  private static Value expMinusOne(Expansion call, DType type, Value x) {
    return call.op("Sub", call.op("Exp", x), call.scalar(type, 1));
  }

  private static Value hardSigmoid(Expansion call, DType type, double alpha, double beta) {
    Value line = call.op("Add", call.op("Mul", call.scalar(type, alpha), call.input(0)), call.scalar(type, beta));
    return call.op("Max", call.op("Min", line, call.scalar(type, 1)), call.scalar(type, 0));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static Value softplus(Expansion call, DType type) {
    Value small = call.op("Exp", call.op("Neg", call.op("Abs", call.input(0))));
    return call.op("Add", positive(call, type), call.op("Log", call.op("Add", call.scalar(type, 1), small)));
  }

  private static DoubleUnaryOperator gelu(Call call) {
    if (isTanh(call)) {
      double c = Math.sqrt(2 / Math.PI);
      return x -> 0.5 * x * (1 + Math.tanh(c * (x + 0.044715 * x * x * x)));
    }
    double c = Math.sqrt(0.5);
    return x -> 0.5 * x * (1 + ErrorFunction.erf(c * x));
  }

  private static boolean isTanh(Call call) {
    String approximate = call.text("approximate", "none");
    if (!approximate.equals("tanh") && !approximate.equals("none")) {
      throw call.invalid("approximate is '" + approximate + "', expected none or tanh");
    }
    return approximate.equals("tanh");
  }
}
