package dev.dwindle.op;

import dev.dwindle.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All operators that Dwindle knows: the list to which a new one is added. */
public final class Ops {
  /** The newest version of ONNX's own operator set that the meanings here were written from. */
  public static final int NEWEST_OPSET = 28;

  /** Element by element: arithmetic, comparison, logic, bits, activations. */
  private static final List<Operator> ELEMENTWISE = List.of(
      BinaryArithmetic.ADD,
      BinaryArithmetic.SUB,
      BinaryArithmetic.MUL,
      BinaryArithmetic.DIV,
      BinaryArithmetic.MAX,
      BinaryArithmetic.MIN,
      new BinaryArithmetic.Sum(),
      new BinaryArithmetic.Mean(),
      new Power(),
      new Remainder(),
      UnaryMath.ABS,
      UnaryMath.NEG,
      UnaryMath.SIGN,
      UnaryMath.CEIL,
      UnaryMath.FLOOR,
      UnaryMath.ROUND,
      UnaryMath.SQRT,
      UnaryMath.RECIPROCAL,
      UnaryMath.EXP,
      UnaryMath.LOG,
      UnaryMath.SIN,
      UnaryMath.COS,
      UnaryMath.TAN,
      UnaryMath.ASIN,
      UnaryMath.ACOS,
      UnaryMath.ATAN,
      UnaryMath.SINH,
      UnaryMath.COSH,
      UnaryMath.TANH,
      UnaryMath.ASINH,
      UnaryMath.ACOSH,
      UnaryMath.ATANH,
      UnaryMath.SIGMOID,
      UnaryMath.ERF,
      Comparison.EQUAL,
      Comparison.LESS,
      Comparison.GREATER,
      Comparison.LESS_OR_EQUAL,
      Comparison.GREATER_OR_EQUAL,
      Classification.IS_NAN,
      Classification.IS_INF,
      Logic.AND,
      Logic.OR,
      Logic.XOR,
      Logic.NOT,
      Logic.BITWISE_AND,
      Logic.BITWISE_OR,
      Logic.BITWISE_XOR,
      Logic.BITWISE_NOT,
      new BitShift(),
      new Where(),
      new Relu(),
      new Clip(),
      new PRelu(),
      new Shrink(),
      new SwiGlu(),
      new Dropout(),
      Activation.LEAKY_RELU,
      Activation.ELU,
      Activation.CELU,
      Activation.SELU,
      Activation.THRESHOLDED_RELU,
      Activation.HARD_SIGMOID,
      Activation.HARD_SWISH,
      Activation.SOFTPLUS,
      Activation.SOFTSIGN,
      Activation.MISH,
      Activation.GELU,
      Activation.SWISH,
      new Hardmax());

  /** Between number formats: casts, quantization, integer matrix products and convolutions. */
  private static final List<Operator> FORMATS = List.of(
      CastOps.CAST,
      CastOps.CAST_LIKE,
      CastOps.BIT_CAST,
      new QuantizeLinear(),
      new DequantizeLinear(),
      new DynamicQuantizeLinear(),
      new FakeQuantize(),
      new FakeQuantizeGradient(),
      IntegerMatMul.INTEGER,
      IntegerMatMul.Q_LINEAR,
      IntegerConv.INTEGER,
      IntegerConv.Q_LINEAR);

  /** Moving elements: shapes, slices, gathers, joins. */
  private static final List<Operator> MOVEMENT = List.of(
      new Identity(),
      new Reshaping.Reshape(),
      new Reshaping.Flatten(),
      new Reshaping.Squeeze(),
      new Reshaping.Unsqueeze(),
      new ShapeReading.ShapeOf(),
      new ShapeReading.Size(),
      new Creating.Constant(),
      new Creating.ConstantOfShape(),
      new Creating.EyeLike(),
      new Creating.Range(),
      new Permuting.Transpose(),
      new Permuting.Blocks("DepthToSpace", true),
      new Permuting.Blocks("SpaceToDepth", false),
      new Slicing.Slice(),
      new Slicing.Split(),
      new Joining.Concat(),
      new Joining.Expand(),
      new Joining.Tile(),
      new Padding.Pad(),
      new Padding.CenterCropPad(),
      new Gathering.Gather(),
      new Gathering.GatherElements(),
      new Gathering.GatherND(),
      new Scattering.ScatterElements("Scatter", 9),
      new Scattering.ScatterElements("ScatterElements", 11),
      new Scattering.ScatterND(),
      new Scattering.TensorScatter(),
      new Selecting.Compress(),
      new Selecting.NonZero(),
      new Selecting.OneHot(),
      new Selecting.Trilu(),
      new Selecting.ReverseSequence(),
      new Selecting.Unique());

  /** Many elements to few: reductions, arg, cumulation, sorting. */
  private static final List<Operator> REDUCTION = List.of(
      new Histogram(),
      new Summary(),
      new Reduction(Reduction.Kind.SUM),
      new Reduction(Reduction.Kind.MEAN),
      new Reduction(Reduction.Kind.PROD),
      new Reduction(Reduction.Kind.MAX),
      new Reduction(Reduction.Kind.MIN),
      new Reduction(Reduction.Kind.L1),
      new Reduction(Reduction.Kind.L2),
      new Reduction(Reduction.Kind.SUM_SQUARE),
      new Reduction(Reduction.Kind.LOG_SUM),
      new Reduction(Reduction.Kind.LOG_SUM_EXP),
      new ArgReduction("ArgMax", true),
      new ArgReduction("ArgMin", false),
      new Cumulation("CumSum", 11, false),
      new Cumulation("CumProd", 26, true),
      new TopK());

  /** Sums of products and windows: convolution, pooling, matrix products, images. */
  private static final List<Operator> WINDOWS = List.of(
      new Conv(),
      new MatMul(),
      new Gemm(),
      new MaxPool(),
      new AveragePool(),
      new LpPool(),
      new GlobalPool("GlobalAveragePool"),
      new GlobalPool("GlobalMaxPool"),
      new GlobalPool("GlobalLpPool"),
      new Resize("Resize"),
      new Resize("Upsample"),
      new ConvTranspose(),
      new DeformConv(),
      new Col2Im(),
      new MaxUnpool(),
      new MaxRoiPool(),
      new RoiAlign(),
      new AffineGrid(),
      new GridSample(),
      new NonMaxSuppression(),
      new Det(),
      new Einsum(),
      PairedIntegers.CONV,
      PairedIntegers.MATMUL,
      new ConvWeightGradient(),
      new MaxPoolGradient());

  /** Normalizations, losses, attention, recurrent cells. */
  private static final List<Operator> COMPOSITES = List.of(
      new BatchNormalization(),
      new BatchNormalizationGradient(),
      new LayerNormalization(),
      new Softmax(false),
      new Softmax(true),
      new GroupNormalization(false),
      new GroupNormalization(true),
      new RmsNormalization(),
      new MeanVarianceNormalization(),
      new LpNormalization(),
      new LocalResponseNormalization(),
      new LikelihoodLoss(false),
      new LikelihoodLoss(true),
      new Attention(),
      new RotaryEmbedding(),
      new LinearAttention(),
      new CausalConvWithState(),
      new FlexAttention(),
      new Lstm(),
      new Gru(),
      new Rnn());

  /** Control flow, signals, and what stands alone. */
  private static final List<Operator> CONTROL = List.of(
      new ControlFlow.If(),
      new ControlFlow.Loop(),
      new ControlFlow.BatchScan(),
      new ControlFlow.Scan(),
      new Optionals.HasElement(),
      new Optionals.GetElement(),
      new Fourier.Dft(),
      new Fourier.Stft(),
      new SignalTables.Window("HannWindow", 0.5, 0.5, 0),
      new SignalTables.Window("HammingWindow", 25 / 46.0, 21 / 46.0, 0),
      new SignalTables.Window("BlackmanWindow", 0.42, 0.5, 0.08),
      new SignalTables.MelWeightMatrix(),
      new TfIdfVectorizer(),
      new MachineLearning.ArrayFeatureExtractor(),
      new MachineLearning.Binarizer(),
      new TreeEnsemble(),
      new OptimizerStep("Adagrad", 1),
      new OptimizerStep("Adam", 2),
      new OptimizerStep("Momentum", 1),
      new RandomNumbers.Draw("RandomNormal", true, false),
      new RandomNumbers.Draw("RandomNormalLike", true, true),
      new RandomNumbers.Draw("RandomUniform", false, false),
      new RandomNumbers.Draw("RandomUniformLike", false, true),
      new RandomNumbers.Bernoulli(),
      new RandomNumbers.Multinomial());

  private static final List<List<Operator>> ALL = List.of(ELEMENTWISE, FORMATS, MOVEMENT, REDUCTION, WINDOWS,
      COMPOSITES, CONTROL);

  private static final Map<String, List<Operator>> BY_NAME = new HashMap<>();

  static {
    for (List<Operator> family : ALL) {
      for (Operator op : family) {
        BY_NAME.computeIfAbsent(op.domain() + ":" + op.name(), k -> new ArrayList<>()).add(op);
      }
    }
    BY_NAME.values().forEach(versions -> versions.sort((a, b) -> Integer.compare(a.since(), b.since())));
  }

  private Ops() {}

  /** The operator of a node in the version in force, or null where it is not known. */
  public static Operator find(Node node) {
    return find(node.domain(), node.operator(), node.version());
  }

  /** The operator of this domain and name whose meaning holds in this version, or null. */
  public static Operator find(String domain, String name, int version) {
    Operator best = null;
    if (domain.isEmpty() && version > NEWEST_OPSET) {
      return null;
    }
    for (Operator op : BY_NAME.getOrDefault(domain + ":" + name, List.of())) {
      if (op.since() <= version) {
        best = op;
      }
    }
    return best;
  }

  /** Every operator, in the order of the list. */
  public static List<Operator> all() {
    return ALL.stream().flatMap(List::stream).toList();
  }
}
