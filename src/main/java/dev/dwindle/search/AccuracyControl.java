package dev.dwindle.search;

import dev.dwindle.pass.Progress;
import dev.dwindle.result.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Leaves layers alone after a look at all samples found too much lost. Where the loss is shown to be beyond the bound, half of the samples shows it, too, and the metric on that
 * half decides. Where all samples cannot tell it from the bound, half of them can still less: the outputs decide.
 */
final class AccuracyControl {
  private final Variants variants;
  private final Trials trials;
  private final Set<String> given;
  private final Trials.Look look;
  private final double[] from;
  private final Criterion criterion;
  private final List<String> ranked;
  private final LayerChoice choice;

  /**
   * @param given layers that are left alone in any case
   * @param look what was found on all samples with nothing else left alone
   * @param better told of layers to leave alone that hold, whenever there are fewer
   */
  AccuracyControl(Variants variants, Trials trials, Progress progress, Set<String> given, Trials.Look look,
      Consumer<Set<String>> better) {
    this.variants = variants;
    this.trials = trials;
    this.given = given;
    this.look = look;
    from = trials.distances("distance without " + String.join(", ", variants.ordered(given)) + variants.key(),
        () -> variants.of(given).model(), "");
    criterion = look.telling() ? new ByAccuracy(trials) : new ByOutputs(trials, from, look);
    List<String> layers = new ArrayList<>(variants.layers());
    layers.removeAll(given);
    ranked = new Ranking(variants, trials, progress).of(layers);
    choice = new LayerChoice(variants, criterion, given, better);
  }

  /** The layers to leave alone beside those that are in any case, and why; none where no choice helps. */
  Decision choose() {
    LayerChoice.Chosen chosen = choice.choose(ranked);
    String whose = chosen.layers().isEmpty() ? "with all " + ranked.size() + " left alone " : "";
    String bound = "max-drop " + trials.bound().maxDrop();
    String all = "; with all " + ranked.size() + " compressed ";
    String lost = "drop " + look.gate().found() + " on all samples";
    return new Decision(look.telling() ? bound : Decision.BY_OUTPUTS + bound,
        chosen.layers().isEmpty() ? "no choice of layers helps" : "left alone", chosen.layers(),
        whose + chosen.found() + (look.telling() ? " on the samples to choose on" + all
            : all + ByOutputs.percent(from) + ", ") + lost);
  }

  /** What decides whether these layers may be stored otherwise. */
  Criterion criterion() {
    return criterion;
  }
}
