package dev.dwindle.calibrate;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.LayerInputs;
import dev.dwindle.quant.RoundingOrder;
import dev.dwindle.rewrite.Equalization;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What layers read, as far as weights that make up for each other's errors need it: of neighbours that are alike one may err up where another errs down. Sources: GPTQ, Frantar et
 * al., 2022; {@link InputMoments}.
 */
public final class LayerMoments {
  /** Samples, and places of each that convolutions read: about eight rows for each of some hundred inputs. */
  private static final int SAMPLES = 32;
  private static final int ROWS = 64;
  /** Samples of sequences, which have some dozen rows each. */
  private static final int SEQUENCES = 256;
  /** Of more inputs the moments take too much memory, and to factor them too long. */
  private static final int MOST_INPUTS = 2048;
  private static final String MEMORY = "moments of inputs, divided by ";

  /** The moments of what these weights are multiplied with, where they are known. */
  private record Found(List<String> names, Map<String, float[]> moments) {}

  private final Map<String, Operand> operands;
  private final Map<String, float[]> moments;
  private final long samples;
  private int used;

  private LayerMoments(Map<String, Operand> operands, Map<String, float[]> moments, long samples) {
    this.operands = operands;
    this.moments = moments;
    this.samples = samples;
  }

  /** Nothing is known of any layer. */
  public static LayerMoments none() {
    return new LayerMoments(Map.of(), Map.of(), 0);
  }

  /**
   * Looks at what layers read, in a graph that is still in floating point. Layers with weights that others read too are left out, for each reads something else.
   *
   * @param operands the weights; those of convolutions and of products with matrices take part
   */
  public static LayerMoments of(Graph graph, PassContext context, Collection<Operand> operands) {
    Map<String, Operand> own = new LinkedHashMap<>();
    for (Operand operand : operands) {
      Value weight = operand.weight();
      boolean known = operand.isConvolution()
          || (weight.tensor().shape().rank() == 2 && (operand.node().is("MatMul") || operand.node().is("Gemm")));
      if (known && operand.index() == 1 && weight.uses().size() == 1 && inputs(operand) <= MOST_INPUTS) {
        own.put(weight.name(), operand);
      }
    }
    PassContext few = context.withCalibration(
        context.calibration().limit(readsSequences(graph, context, own.values()) ? SEQUENCES : SAMPLES));
    String key = MEMORY + Equalization.text(graph.model());
    Found known = context.memory().find(key, Found.class);
    if (known == null || !known.names().containsAll(own.keySet())) {
      known = new Found(List.copyOf(own.keySet()), InputMoments.sampled(graph, few, own.values(), ROWS));
      context.memory().keep(key, known);
    }
    return new LayerMoments(own, known.moments(), few.calibration().count());
  }

  /** Whether a product with a matrix has several rows in a sample. */
  private static boolean readsSequences(Graph graph, PassContext context, Collection<Operand> operands) {
    Types types = ShapeInference.of(graph, InputMoments.shapes(context.calibration()));
    return operands.stream().filter(operand -> !operand.isConvolution()).anyMatch(operand -> {
      Shape read = types.shape(operand.node().input(0));
      return read == null || read.product(0, read.rank() - 1) > 1;
    });
  }

  private static int inputs(Operand operand) {
    Shape shape = operand.weight().tensor().shape();
    return Math.toIntExact(shape.size() / shape.dim(outputAxis(operand)));
  }

  private static int outputAxis(Operand operand) {
    return operand.isConvolution() ? 0 : 1 - operand.reduced();
  }

  /**
   * What is known of what weights are multiplied with; null where nothing is.
   *
   * @param divided by which what is read is divided, input by input, and to 0 where that is 0; null where it is not
   */
  public LayerInputs inputsOf(Value weight, float[] divided) {
    Operand operand = operands.get(weight.name());
    float[] all = moments.get(weight.name());
    if (operand == null || all == null) return null;
    int inputs = inputs(operand);
    List<RoundingOrder> groups = new ArrayList<>();
    for (int from = 0; from < all.length; from += inputs * inputs) {
      groups.add(order(weight, divided(all, from, inputs, divided), inputs));
    }
    used++;
    return new LayerInputs(outputAxis(operand), groups);
  }

  private static float[] divided(float[] all, int from, int inputs, float[] by) {
    float[] own = new float[inputs * inputs];
    System.arraycopy(all, from, own, 0, own.length);
    for (int i = 0; i < inputs && by != null; i++) {
      for (int k = 0; k < inputs; k++) {
        float product = by[i] * by[k];
        own[i * inputs + k] = product == 0 ? 0 : own[i * inputs + k] / product;
      }
    }
    return own;
  }

  private static RoundingOrder order(Value weight, float[] moments, int inputs) {
    try {
      return RoundingOrder.of(moments, inputs);
    } catch (ArithmeticException e) {
      throw new InvalidInputException("weights '" + weight.name() + "': " + e.getMessage()
          + " on the calibration samples; mend the samples, or leave the layer out in a recipe", e);
    }
  }

  /** What was done, as the report says it; empty where nothing was looked at. */
  public Map<String, String> figures() {
    return moments.isEmpty() ? Map.of() : Map.of("rounding", "weights of " + used
        + " layers make up for each other's errors, by what layers read of " + samples + " samples");
  }
}
