package dev.dwindle.op;

import java.util.ArrayList;
import java.util.List;

/**
 * The attributes that RNN, GRU and LSTM share.
 *
 * @param reversed for each direction, whether it runs from the end of a sequence to its begin
 * @param activations for each direction in turn, those of its cell
 * @param clip bound of what goes into an activation; infinite where there is none
 * @param batchFirst whether the batch is the first axis of data and states ({@code layout} 1)
 * @param variant {@code linear_before_reset} of a GRU, {@code input_forget} of an LSTM
 */
public record RecurrentAttributes(int hidden, List<Boolean> reversed, List<RecurrentActivation> activations, float clip,
    boolean batchFirst, boolean variant) {

  /** The attributes of a call, whose weights have this hidden size, with the cell's default activations. */
  public static RecurrentAttributes of(Call call, long hidden, List<String> defaults) {
    long declared = call.integer("hidden_size", hidden);
    if (declared != hidden || hidden < 1) {
      throw call.invalid("hidden_size is " + declared + ", but the weights have " + hidden);
    }
    List<Boolean> reversed = directions(call);
    boolean variant = call.flag("linear_before_reset", false) || call.flag("input_forget", false);
    float clip = call.real("clip", Float.POSITIVE_INFINITY);
    if (!(clip >= 0)) {
      throw call.invalid("clip is " + clip + ", expected 0 or more");
    }
    return new RecurrentAttributes(Math.toIntExact(hidden), reversed, activations(call, reversed.size(), defaults),
        clip, call.integer("layout", 0) == 1, variant);
  }

  /** For each direction, whether it is reversed. */
  static List<Boolean> directions(Call call) {
    String direction = call.text("direction", "forward");
    return switch (direction) {
      case "forward" -> List.of(false);
      case "reverse" -> List.of(true);
      case "bidirectional" -> List.of(false, true);
      default -> throw call.invalid(
          "direction is '" + direction + "', expected forward, reverse or bidirectional");
    };
  }

  /** Number of directions. */
  public int directions() {
    return reversed.size();
  }

  private static List<RecurrentActivation> activations(Call call, int directions, List<String> defaults) {
    List<String> names = call.texts("activations");
    if (names == null) {
      names = new ArrayList<>(defaults);
      names.addAll(directions == 2 ? defaults : List.of());
    }
    if (names.size() != directions * defaults.size()) {
      throw call.invalid("activations are " + names + ", expected " + directions * defaults.size());
    }
    float[] alphas = call.reals("activation_alpha");
    float[] betas = call.reals("activation_beta");
    List<RecurrentActivation> activations = new ArrayList<>();
    int alpha = 0;
    int beta = 0;
    for (String name : names) {
      RecurrentActivation.Function function = RecurrentActivation.Function.of(call, name);
      activations.add(new RecurrentActivation(function,
          function.takesAlpha() && alpha < alphas.length ? alphas[alpha++] : function.alpha(),
          function.takesBeta() && beta < betas.length ? betas[beta++] : function.beta()));
    }
    return activations;
  }
}
