package dev.dwindle.op;

import dev.dwindle.graph.Node;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/** The operators of ONNX that compute each element of what they give from the elements at the same place, after broadcasting. */
public final class Elementwise {
  private static final Set<String> NAMES = Collections.unmodifiableSet(new TreeSet<>(Set.of(("Abs Acos Acosh Add And "
      + "Asin Asinh Atan Atanh Cast Ceil Celu Clip Cos Cosh Div Dropout Elu Equal Erf Exp Floor Gelu Greater "
      + "GreaterOrEqual HardSigmoid HardSwish Identity LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mul Neg Not Or "
      + "PRelu Pow Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Swish Tan Tanh "
      + "ThresholdedRelu Where Xor").split(" "))));

  private Elementwise() {}

  /** Their names, in order. */
  public static Set<String> names() {
    return NAMES;
  }

  /** Whether a node is one of them. */
  public static boolean is(Node node) {
    return node.domain().isEmpty() && NAMES.contains(node.operator());
  }
}
