package dev.dwindle.quant;

import dev.dwindle.tensor.Shape;
import java.util.Arrays;

/**
 * Rounds weights so that those of one output make up for each other's errors: each is rounded to nearest with what the inputs of those before it tell of its own added (GPTQ,
 * Frantar et al., 2022). Scales are given and stay.
 */
public final class CompensatedRounding {
  private CompensatedRounding() {}

  /** The numbers that can be stored at each place of the weights. */
  public interface Grid {
    /** The code of the number that is nearest. */
    byte code(int at, float number);

    /** What a code means. */
    float number(int at, byte code);
  }

  /** The code of each weight, one in each byte. */
  public static byte[] round(float[] weights, Shape shape, LayerInputs inputs, Grid grid) {
    byte[] codes = new byte[weights.length];
    int outputs = shape.intDim(inputs.outputAxis());
    int each = outputs / inputs.groups().size();
    for (int g = 0; g < inputs.groups().size(); g++) {
      Outputs group = new Outputs(g * each, each, weights.length / outputs, outputs, inputs.outputAxis() == 1);
      round(weights, group, inputs.groups().get(g), grid, codes);
    }
    return codes;
  }

  /** Outputs of one group: {@code count} of {@code all} from {@code first} on, of so many inputs each. */
  private record Outputs(int first, int count, int inputs, int all, boolean last) {
    int at(int output, int input) {
      return last ? input * all + first + output : (first + output) * inputs + input;
    }
  }

  private static void round(float[] weights, Outputs outputs, RoundingOrder rounding, Grid grid, byte[] codes) {
    int[] order = rounding.order();
    float[][] errors = new float[order.length][];
    float[] inner = new float[outputs.count];
    for (int k = 0; k < order.length; k++) {
      Arrays.fill(inner, 0);
      float[] row = rounding.factor().rows()[k];
      for (int j = 0; j < k; j++) add(inner, errors[j], row[j]);
      float[] error = errors[k] = new float[outputs.count];
      for (int o = 0; o < outputs.count; o++) {
        int at = outputs.at(o, order[k]);
        codes[at] = grid.code(at, weights[at] + inner[o]);
        error[o] = weights[at] - grid.number(at, codes[at]);
      }
    }
  }

  private static void add(float[] sums, float[] numbers, float factor) {
    for (int i = 0; i < sums.length; i++) sums[i] += numbers[i] * factor;
  }
}
