package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Functions of one FLOAT, FLOAT16 or BFLOAT16, element by element. */
final class UnaryKernel implements CudaKernel {
  /** What the attributes of an operator say, as the kernel's two numbers; an attribute that is missing has this value. */
  private record Attributes(String first, float firstDefault, String second, float secondDefault) {
    static final Attributes NONE = new Attributes(null, 0, null, 0);

    static Attributes of(String first, float firstDefault) {
      return new Attributes(first, firstDefault, null, 0);
    }

    float[] of(Node node) {
      Call call = new Call(node);
      return new float[] {first == null ? 0 : call.real(first, firstDefault),
          second == null ? 0 : call.real(second, secondDefault)};
    }
  }

  private static final Set<String> PLAIN = Set.of("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil",
      "Cos", "Cosh", "Erf", "Exp", "Floor", "HardSwish", "Log", "Mish", "Neg", "Reciprocal", "Relu", "Round", "Sigmoid",
      "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh");

  private static final Map<String, Attributes> WITH_ATTRIBUTES = Map.of(
      "Celu", Attributes.of("alpha", 1),
      "Elu", Attributes.of("alpha", 1),
      "Gelu", Attributes.NONE,
      "HardSigmoid", new Attributes("alpha", 0.2f, "beta", 0.5f),
      "LeakyRelu", Attributes.of("alpha", 0.01f),
      "Selu", new Attributes("alpha", 1.67326319217681884765625f, "gamma", 1.05070102214813232421875f),
      "Swish", Attributes.of("alpha", 1),
      "ThresholdedRelu", Attributes.of("alpha", 1));

  @Override
  public boolean matches(Node node) {
    if (!node.domain().isEmpty()) return false;
    if (node.operator().equals("Clip")) return isClip(node);
    return (PLAIN.contains(node.operator()) || WITH_ATTRIBUTES.containsKey(node.operator())) && Typed.isReal(node, 1);
  }

  private static boolean isClip(Node node) {
    return Typed.areReal(List.of(node.input(0), node.output()));
  }

  /** Whether all that a node reads besides its first input is constant. */
  static boolean isConstant(Node node) {
    return node.inputs().stream().skip(1).allMatch(input -> input == null || input.isConstant());
  }

  /** What attributes or constant inputs say, as the kernels' two numbers. */
  static float[] numbers(Node node) {
    return node.operator().equals("Clip") ? ends(node)
        : WITH_ATTRIBUTES.getOrDefault(node.operator(), Attributes.NONE).of(node);
  }

  @Override
  public boolean takesNarrow(Node node) {
    return true;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Typed.requireConstants(node, 1);
    if (Chain.launch(node, planning)) return;
    float[] numbers = numbers(node);
    long size = Typed.shape(node.output()).size();
    planning.launch(new Kernel("elementwise", "unary_" + name(node)).over(Typed.dtype(node.output())),
        Grid.ofFours(size),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.output())).int64(size)
            .float32(numbers[0]).float32(numbers[1]));
  }

  private static float[] ends(Node node) {
    Call call = new Call(node);
    if (node.version() < 11) return new float[] {call.real("min", -Float.MAX_VALUE), call.real("max", Float.MAX_VALUE)};
    return new float[] {end(node, 1, Float.NEGATIVE_INFINITY), end(node, 2, Float.POSITIVE_INFINITY)};
  }

  private static float end(Node node, int input, float otherwise) {
    return node.input(input) == null ? otherwise : (float) Elements.doubles(node.input(input).tensor())[0];
  }

  /** The operator's name in the words of the kernels: {@code HardSigmoid} is {@code hard_sigmoid}. */
  private static String name(Node node) {
    String form = node.operator().equals("Gelu") && new Call(node).text("approximate", "none").equals("tanh") ? "_tanh"
        : "";
    return snake(node.operator()) + form;
  }

  static String snake(String operator) {
    return operator.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }
}
