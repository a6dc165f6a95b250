package dev.dwindle.op;

import dev.dwindle.graph.Node;
import java.util.List;
import java.util.Map;

/**
 * The gradients of core operators, and of FakeQuantize, by the operator's name: a composite that is not here is decomposed first. To add one is one line.
 */
public final class GradientRules {
  private static final Map<String, GradientRule> ELEMENTWISE = Map.ofEntries(
      Map.entry("Add", ElementwiseGradients::add),
      Map.entry("Sub", ElementwiseGradients::subtract),
      Map.entry("Mul", ElementwiseGradients::multiply),
      Map.entry("Div", ElementwiseGradients::divide),
      Map.entry("Pow", ElementwiseGradients::power),
      Map.entry("Max", ElementwiseGradients::extreme),
      Map.entry("Min", ElementwiseGradients::extreme),
      Map.entry("Where", ElementwiseGradients::where),
      Map.entry("Relu", ElementwiseGradients::relu),
      Map.entry("Clip", ElementwiseGradients::clip),
      Map.entry("Cast", ElementwiseGradients::cast),
      Map.entry("Neg", UnaryGradients::negative),
      Map.entry("Abs", UnaryGradients::absolute),
      Map.entry("Sqrt", UnaryGradients::squareRoot),
      Map.entry("Exp", UnaryGradients::exponential),
      Map.entry("Log", UnaryGradients::logarithm),
      Map.entry("Sin", UnaryGradients::sine),
      Map.entry("Cos", UnaryGradients::cosine),
      Map.entry("Tanh", UnaryGradients::hyperbolicTangent),
      Map.entry("Sigmoid", UnaryGradients::sigmoid),
      Map.entry("Erf", UnaryGradients::errorFunction));

  private static final Map<String, GradientRule> SUMS = Map.ofEntries(
      Map.entry("MatMul", ProductGradients::matMul),
      Map.entry("Gemm", ProductGradients::gemm),
      Map.entry("Conv", ConvolutionGradients::conv),
      Map.entry("ConvTranspose", ConvolutionGradients::convTranspose),
      Map.entry("MaxPool", PoolGradients::max),
      Map.entry("AveragePool", PoolGradients::average),
      Map.entry("GlobalAveragePool", PoolGradients::globalAverage),
      Map.entry("BatchNormalization", NormalizationGradients::batch),
      Map.entry("Softmax", NormalizationGradients::softmax),
      Map.entry("LogSoftmax", NormalizationGradients::logSoftmax),
      Map.entry("ReduceSum", ReductionGradients::sum),
      Map.entry("ReduceMean", ReductionGradients::mean),
      Map.entry("ReduceMax", ReductionGradients::extreme),
      Map.entry("ReduceMin", ReductionGradients::extreme));

  private static final Map<String, GradientRule> MOVEMENT = Map.ofEntries(
      Map.entry("Identity", MovementGradients::identity),
      Map.entry("Reshape", MovementGradients::reshape),
      Map.entry("Flatten", MovementGradients::reshape),
      Map.entry("Squeeze", MovementGradients::reshape),
      Map.entry("Unsqueeze", MovementGradients::reshape),
      Map.entry("Transpose", MovementGradients::transpose),
      Map.entry("Expand", MovementGradients::expand),
      Map.entry("Tile", MovementGradients::tile),
      Map.entry("Concat", MovementGradients::concat),
      Map.entry("Split", MovementGradients::split),
      Map.entry("Slice", MovementGradients::slice),
      Map.entry("Pad", MovementGradients::pad),
      Map.entry("Gather", MovementGradients::gather),
      Map.entry("GatherElements", MovementGradients::gatherElements));

  /** What does not change with small changes of its inputs, or is an integer. */
  private static final Map<String, GradientRule> STEPS = Map.ofEntries(
      Map.entry("Sign", GradientRule.NONE),
      Map.entry("Floor", GradientRule.NONE),
      Map.entry("Ceil", GradientRule.NONE),
      Map.entry("Round", GradientRule.NONE),
      Map.entry("Equal", GradientRule.NONE),
      Map.entry("Less", GradientRule.NONE),
      Map.entry("Greater", GradientRule.NONE),
      Map.entry("IsNaN", GradientRule.NONE),
      Map.entry("ArgMax", GradientRule.NONE),
      Map.entry("Shape", GradientRule.NONE));

  /** Of the domain {@code dev.dwindle}. */
  private static final Map<String, GradientRule> OWN = Map.of(FakeQuantize.NAME, FakeQuantizeGradient::rule);

  private GradientRules() {}

  /** The rule of a node's operator, or null where it has none. */
  public static GradientRule of(Node node) {
    if (node.domain().equals(Operator.OWN_DOMAIN)) return OWN.get(node.operator());
    if (!node.domain().isEmpty()) return null;
    for (Map<String, GradientRule> family : List.of(ELEMENTWISE, SUMS, MOVEMENT, STEPS)) {
      GradientRule rule = family.get(node.operator());
      if (rule != null) return rule;
    }
    return null;
  }
}
