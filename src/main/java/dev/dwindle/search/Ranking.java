package dev.dwindle.search;

import dev.dwindle.pass.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Layers in the order of the harm that each does when it alone is compressed: by how far the model's outputs then move. */
final class Ranking {
  private final Variants variants;
  private final Trials trials;
  private final Progress progress;

  Ranking(Variants variants, Trials trials, Progress progress) {
    this.variants = variants;
    this.trials = trials;
    this.progress = progress;
  }

  /**
   * The layers by what each alone does, the worst first; equal ones in the graph's order. */
  List<String> of(Collection<String> layers) {
    Map<String, Double> distances = new LinkedHashMap<>();
    progress.begin("sensitivity of " + layers.size() + " layers", layers.size());
    for (String layer : layers) {
      Set<String> others = new LinkedHashSet<>(variants.layers());
      others.remove(layer);
      distances.put(layer,
          trials.distance("distance with " + layer + variants.key(), () -> variants.of(others).model()));
      progress.advance(1);
    }
    progress.end();
    List<String> ranked = new ArrayList<>(layers);
    ranked.sort(Comparator.comparingDouble(layer -> -distances.get(layer)));
    return ranked;
  }
}
