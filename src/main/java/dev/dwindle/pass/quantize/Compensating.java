package dev.dwindle.pass.quantize;

import dev.dwindle.calibrate.InputMoments;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.PassContext;
import dev.dwindle.quant.MomentFactor;
import dev.dwindle.quant.QuantizedWeights;
import dev.dwindle.rewrite.Equalization;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rounds weights so that those of one output make up for each other's errors, by the second moments of what they are multiplied with: of neighbours that are alike one may err up
 * where another errs down (GPTQ, Frantar et al., 2022).
 */
final class Compensating {
  static final String WAY = "compensated";

  /** Samples and places of each: about eight rows for each of some hundred inputs. */
  private static final int SAMPLES = 32;
  private static final int ROWS = 64;
  /** Of so many inputs what is left of an error is little, and to find out takes longer than all else. */
  private static final int MOST_INPUTS = 1024;
  /** Share of the mean moment that is added to each: more rows show less likeness than there is. */
  private static final double DAMPING = 0.01;
  private static final String MEMORY = "moments of inputs, divided by ";

  /** The moments of what these weights are multiplied with, where they are known. */
  private record Found(List<String> names, Map<String, float[]> moments) {}

  private final Map<String, float[]> moments;
  private final long samples;
  private int rounded;

  private Compensating(Map<String, float[]> moments, long samples) {
    this.moments = moments;
    this.samples = samples;
  }

  /** Looks at what layers read, in a graph that is still in floating point. */
  static Compensating of(Graph graph, List<Layer> layers, PassContext context) {
    if (!context.settings().word(Rounding.SETTING).equals(WAY)) return new Compensating(Map.of(), 0);
    Map<String, Operand> operands = new LinkedHashMap<>();
    for (Layer layer : layers) {
      Operand operand = layer.weight() == 1 && layer.channelAxis() >= 0 && !layer.node().is("ConvTranspose")
          ? Operand.of(layer.node()).stream().filter(each -> each.index() == 1).findFirst().orElse(null) : null;
      // Of weights that several layers read, each reads something else.
      if (operand != null && operand.weight().uses().size() == 1
          && inputs(layer, operand.weight()) <= MOST_INPUTS) {
        operands.put(layer.node().output().name(), operand);
      }
    }
    String key = MEMORY + Equalization.text(graph.model());
    Samples few = context.calibration().limit(SAMPLES);
    Found known = context.memory().find(key, Found.class);
    List<String> names = operands.values().stream().map(operand -> operand.weight().name()).toList();
    if (known == null || !known.names().containsAll(names)) {
      known = new Found(names, InputMoments.sampled(graph, context.withCalibration(few), operands.values(), ROWS));
      context.memory().keep(key, known);
    }
    return new Compensating(known.moments(), few.count());
  }

  private static int inputs(Layer layer, Value weight) {
    Shape shape = weight.tensor().shape();
    return Math.toIntExact(shape.size() / shape.dim(layer.channelAxis()));
  }

  /**
   * Rounds the weights of a layer, to nearest where nothing is known of what it reads.
   *
   * @param weight whose numbers, multiplied by {@code rows}, these are
   * @param rows what inputs were multiplied by, so that what is read is divided by it; null where they were not
   */
  QuantizedWeights round(Layer layer, Value weight, float[] numbers, float[] rows, int axis, float[] scales, int bits) {
    Shape shape = weight.tensor().shape();
    float[] all = moments.get(weight.name());
    if (all == null) return QuantizedWeights.of(numbers, shape, axis, scales, bits);
    int inputs = inputs(layer, weight);
    List<int[]> orders = new ArrayList<>();
    List<MomentFactor> factors = new ArrayList<>();
    for (int from = 0; from < all.length; from += inputs * inputs) {
      float[] own = divided(all, from, inputs, rows);
      int[] order = MomentFactor.largestFirst(own, inputs);
      orders.add(order);
      factors.add(factor(weight, own, inputs, order));
    }
    rounded++;
    return QuantizedWeights.compensated(numbers, shape, layer.channelAxis(), axis, scales, bits, orders, factors);
  }

  private static float[] divided(float[] all, int from, int inputs, float[] rows) {
    float[] own = new float[inputs * inputs];
    System.arraycopy(all, from, own, 0, own.length);
    for (int i = 0; i < inputs && rows != null; i++) {
      for (int k = 0; k < inputs; k++) {
        float by = rows[i] * rows[k];
        own[i * inputs + k] = by == 0 ? 0 : own[i * inputs + k] / by;
      }
    }
    return own;
  }

  private static MomentFactor factor(Value weight, float[] moments, int inputs, int[] order) {
    // Sums in FLOAT may be off by more than the damping: it grows until that is made up for.
    for (double damping = DAMPING;; damping *= 10) {
      try {
        return MomentFactor.of(moments, inputs, order, damping);
      } catch (ArithmeticException e) {
        if (damping > 1) {
          throw new InvalidInputException("weights '" + weight.name() + "': " + e.getMessage()
              + " on the calibration samples; mend the samples, or leave the layer out by 'exclude' in a recipe", e);
        }
      }
    }
  }

  /** What was done, as the report says it; empty where it was not asked for. */
  Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    if (!moments.isEmpty()) {
      figures.put("rounding", "weights of " + rounded
          + " layers make up for each other's errors, by what layers read of " + samples + " samples");
    }
    return figures;
  }
}
