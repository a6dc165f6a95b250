package dev.dwindle.rewrite;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.GemmAttributes;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Channels that may be divided by numbers of their own without changing what a graph computes: the layer that makes them has its weights and biases divided, and
 * the layers that read them have theirs multiplied. Between the two stand only operators for which it is all one whether their input or their output is divided
 * by a positive number. Source: Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019, section 4.1.
 *
 * <p>What was divided is told in the model's metadata, so that layers can still be compared with those of the original.
 */
public final class Equalization {
  /** Divisors are 2 to the power of minus so many eighths, each of them one character in the metadata. */
  public static final int STEPS_PER_OCTAVE = 8;
  /** The smallest divisor is 2 to the power of minus this number of steps. */
  public static final int MOST_STEPS = 4 * STEPS_PER_OCTAVE;

  private static final String KEY = "dwindle.equalized";
  private static final char ZERO = '0';
  private static final Set<String> BETWEEN = Set.of("Relu", "LeakyRelu", "PRelu", "Identity", "MaxPool", "AveragePool",
      "GlobalMaxPool", "GlobalAveragePool", "Flatten");

  private Equalization() {}

  /**
   * Where channels may be divided.
   *
   * @param producer the layer that makes them
   * @param values all that hold them, from what the producer makes on
   * @param readers the layers that read them, as their first input
   */
  public record Site(Node producer, List<Value> values, List<Node> readers) {
    /** How many channels there are. */
    public int channels() {
      return producer.input(1).tensor().shape().intDim(outputAxis(producer));
    }

    /** The values that the layers read, with channels on axis 1: where they read them flattened, those before. */
    public List<Value> holding() {
      return readers.stream().map(node -> unflattened(node.input(0))).distinct().toList();
    }

    private static Value unflattened(Value value) {
      return value.producer().is("Flatten") ? unflattened(value.producer().input(0)) : value;
    }

    /** Whether a depthwise convolution makes or reads the channels: nothing mixes them there, and how far each reaches is left to chance. */
    public boolean isDepthwise() {
      return Equalization.isDepthwise(producer) || readers.stream().anyMatch(Equalization::isDepthwise);
    }
  }

  /** The places of a graph that were not divided before, in its order. */
  public static List<Site> sites(Graph graph) {
    Set<String> divided = told(graph.model()).keySet();
    List<Site> sites = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Site site = site(node);
      if (site != null && !divided.contains(node.output().name()) && !node.output().name().contains("\n")) {
        sites.add(site);
      }
    }
    return sites;
  }

  private static Site site(Node producer) {
    if (!isLayer(producer) || !hasPlainBias(producer)) return null;
    List<Value> values = new ArrayList<>(List.of(producer.output()));
    Set<Node> readers = new LinkedHashSet<>();
    for (int i = 0; i < values.size(); i++) {
      Value value = values.get(i);
      if (value.isGraphOutput()) return null;
      for (Use use : value.uses()) {
        Node node = use.node();
        if (use.index() != 0 || node.graph() != value.graph()) return null;
        if (isLayer(node)) {
          readers.add(node);
        } else if (passes(node)) {
          values.add(node.output());
        } else {
          return null;
        }
      }
    }
    Site site = new Site(producer, values, List.copyOf(readers));
    return readers.isEmpty() || !readers.stream().allMatch(reader -> fits(reader, site.channels())) ? null : site;
  }

  /** A convolution or a product with weights that nothing else reads. */
  private static boolean isLayer(Node node) {
    if (!node.is("Conv") && !node.is("Gemm") || node.inputs().size() < 2) return false;
    Value weight = node.input(1);
    return node.input(0) != null && !node.input(0).isConstant() && isOwn(weight)
        && (node.is("Conv") ? weight.tensor().shape().rank() > 2
            : weight.tensor().shape().rank() == 2 && !GemmAttributes.of(new Call(node)).transposeA());
  }

  private static boolean isOwn(Value value) {
    return value != null && value.isConstant() && value.tensor().dtype() == DType.FLOAT && value.uses().size() == 1
        && !value.isGraphOutput();
  }

  /** A bias of one number for each channel, or none. */
  private static boolean hasPlainBias(Node node) {
    Value bias = node.input(2);
    return bias == null || isOwn(bias)
        && bias.tensor().shape().equals(Shape.of(node.input(1).tensor().shape().dim(outputAxis(node))));
  }

  /** Whether an operator gives what it gave, divided by a positive number, where its channels are. */
  private static boolean passes(Node node) {
    boolean flattens = node.is("Flatten") && new Call(node).integer("axis", 1) != 1;
    return node.domain().isEmpty() && BETWEEN.contains(node.operator()) && node.outputs().size() == 1 && !flattens;
  }

  /** Whether a layer reads so many channels, each of them in as many numbers of a row where it is a product. */
  private static boolean fits(Node reader, int channels) {
    int inputs = inputs(reader);
    return reader.is("Gemm") ? inputs % channels == 0 : inputs == channels;
  }

  private static int inputs(Node reader) {
    Shape shape = reader.input(1).tensor().shape();
    return reader.is("Gemm") ? shape.intDim(1 - outputAxis(reader)) : shape.intDim(1) * groups(reader);
  }

  private static int groups(Node conv) {
    return new Call(conv).int32("group", 1);
  }

  /** Whether each output channel of a layer reads one channel alone. */
  public static boolean isDepthwise(Node layer) {
    return layer.is("Conv") && layer.input(1).tensor().shape().dim(1) == 1 && groups(layer) > 1;
  }

  private static int outputAxis(Node layer) {
    return layer.is("Gemm") && !GemmAttributes.of(new Call(layer)).transposeB() ? 1 : 0;
  }

  /**
   * The weights of a layer as taps of inputs of outputs.
   *
   * @param outputStride numbers from one output to the next, and {@code inputStride} from one input to the next; taps are neighbours
   */
  private record Weights(float[] numbers, int outputs, int inputs, int taps, int outputStride, int inputStride,
      int groups) {
    static Weights of(Node layer) {
      Shape shape = layer.input(1).tensor().shape();
      float[] numbers = layer.input(1).tensor().floats();
      int rows = shape.intDim(0);
      int columns = shape.intDim(1);
      if (layer.is("Conv")) {
        int taps = (int) shape.product(2, shape.rank());
        return new Weights(numbers, rows, columns, taps, columns * taps, taps, Equalization.groups(layer));
      }
      return outputAxis(layer) == 1 ? new Weights(numbers, columns, rows, 1, 1, columns, 1)
          : new Weights(numbers, rows, columns, 1, columns, 1, 1);
    }

    /** The first of the inputs that an output reads. */
    int firstInput(int output) {
      return output / (outputs / groups) * inputs;
    }

    float largest(int output, int input) {
      float largest = 0;
      int at = output * outputStride + input * inputStride;
      for (int t = at; t < at + taps; t++) largest = Math.max(largest, Math.abs(numbers[t]));
      return largest;
    }

    void multiply(int output, int input, float by) {
      int at = output * outputStride + input * inputStride;
      for (int t = at; t < at + taps; t++) numbers[t] *= by;
    }
  }

  /**
   * How much a layer makes of each channel that it reads: its largest weight beside the largest of the same output, the most over all outputs, 0 to 1.
   *
   * @param channels how many there are
   */
  public static float[] shares(Node reader, int channels) {
    Weights weights = Weights.of(reader);
    int each = inputs(reader) / channels;
    float[] shares = new float[channels];
    float[] own = new float[weights.inputs()];
    for (int o = 0; o < weights.outputs(); o++) {
      float most = 0;
      for (int i = 0; i < own.length; i++) {
        own[i] = weights.largest(o, i);
        most = Math.max(most, own[i]);
      }
      int first = weights.firstInput(o);
      for (int i = 0; i < own.length && most > 0; i++) {
        int c = (first + i) / each;
        shares[c] = Math.max(shares[c], own[i] / most);
      }
    }
    return shares;
  }

  /**
   * Divides the channels of a place, and tells so in the model's metadata.
   *
   * @param steps 0 to {@link #MOST_STEPS} for each channel: it is divided by 2 to the power of minus so many eighths
   */
  public static void divide(Site site, int[] steps) {
    StringBuilder letters = new StringBuilder();
    for (int step : steps) letters.append((char) (ZERO + step));
    scale(site, divisors(letters.toString()));
    tell(site.producer().graph().model(), site.producer().output().name(), letters.toString());
  }

  /** What channels are divided by, for so many steps each. */
  public static float[] divisors(int[] steps) {
    float[] divisors = new float[steps.length];
    for (int c = 0; c < divisors.length; c++) divisors[c] = (float) Math.pow(2, -steps[c] / (double) STEPS_PER_OCTAVE);
    return divisors;
  }

  private static float[] divisors(String letters) {
    return divisors(letters.chars().map(letter -> letter - ZERO).toArray());
  }

  private static void scale(Site site, float[] divisors) {
    divideOutputs(site.producer(), divisors);
    site.readers().forEach(reader -> multiplyInputs(reader, divisors));
  }

  private static void divideOutputs(Node layer, float[] divisors) {
    Weights weights = Weights.of(layer);
    for (int o = 0; o < weights.outputs(); o++) {
      for (int i = 0; i < weights.inputs(); i++) weights.multiply(o, i, 1 / divisors[o]);
    }
    replace(layer.input(1), weights.numbers());
    if (layer.input(2) == null) return;
    float[] bias = layer.input(2).tensor().floats();
    for (int o = 0; o < bias.length; o++) bias[o] *= 1 / divisors[o];
    replace(layer.input(2), bias);
  }

  private static void multiplyInputs(Node layer, float[] by) {
    Weights weights = Weights.of(layer);
    int each = inputs(layer) / by.length;
    for (int o = 0; o < weights.outputs(); o++) {
      int first = weights.firstInput(o);
      for (int i = 0; i < weights.inputs(); i++) weights.multiply(o, i, by[(first + i) / each]);
    }
    replace(layer.input(1), weights.numbers());
  }

  private static void replace(Value constant, float[] numbers) {
    constant.graph().setConstant(constant, Constant.of(Tensor.of(constant.tensor().shape(), numbers)));
  }

  /** Whether a model's metadata tells of channels that were divided. */
  public static boolean isIn(Model model) {
    return model.metadata().containsKey(KEY);
  }

  /** What was divided in a model, and by how much; empty where nothing was. */
  public static String text(Model model) {
    return model.metadata().getOrDefault(KEY, "");
  }

  /** Divides the channels of another model, such as the original, as those of a compressed one were divided, wherever it has the same place, and tells so. */
  public static void repeat(Model compressed, Model other) {
    Map<String, String> divided = told(compressed);
    divided.keySet().removeAll(told(other).keySet());
    divided.forEach((name, letters) -> {
      Value value = other.graph().value(name);
      Site site = value == null || value.producer() == null ? null : site(value.producer());
      if (site != null && site.channels() == letters.length()) {
        scale(site, divisors(letters));
        tell(other, name, letters);
      }
    });
  }

  /** The values whose channels are divided in one of two models as they are not in the other. */
  public static Set<String> unlike(Model one, Model other) {
    Map<String, String> divided = told(one);
    Map<String, String> elsewhere = told(other);
    Set<String> unlike = new TreeSet<>(divided.keySet());
    unlike.addAll(elsewhere.keySet());
    unlike.removeIf(name -> Objects.equals(divided.get(name), elsewhere.get(name)));
    return unlike;
  }

  private static void tell(Model model, String name, String letters) {
    model.metadata().merge(KEY, letters + " " + name, (before, line) -> before + "\n" + line);
  }

  /** What was divided, by the value that the layer makes. */
  private static Map<String, String> told(Model model) {
    Map<String, String> told = new LinkedHashMap<>();
    for (String line : text(model).split("\n")) {
      int end = line.indexOf(' ');
      if (end >= 0) told.put(line.substring(end + 1), line.substring(0, end));
    }
    return told;
  }
}
