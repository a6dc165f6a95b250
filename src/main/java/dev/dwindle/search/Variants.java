package dev.dwindle.search;

import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.pass.Memory;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.result.PassResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a recipe makes of a model when some of its layers are left alone. What comes before the step that compresses layers is done
 * once, and so are the runs over the calibration samples.
 */
final class Variants {
  private final Recipe recipe;
  private final PassContext context;
  private final PassContext remembering;
  private final int step;
  private final Pipeline.Outcome before;
  private final String key;
  private Set<String> layers;

  Variants(Model original, Recipe recipe, PassContext context) {
    this.recipe = recipe;
    this.context = context;
    remembering = context.withMemory(Memory.fresh());
    step = recipe.selective();
    before = new Pipeline(recipe.steps().subList(0, step)).run(original, context);
    key = "";
  }

  private Variants(Variants others, Recipe recipe, String key) {
    this.recipe = recipe;
    this.key = key;
    context = others.context;
    remembering = others.remembering;
    step = others.step;
    before = others.before;
    layers = others.layers;
  }

  /** The variants of the same recipe with a setting that it leaves open decided. */
  Variants deciding(String setting, String way) {
    return new Variants(this, recipe.deciding(setting, way), key + ", " + setting + " " + way);
  }

  /** The recipe that leaves none alone. */
  Recipe recipe() {
    return recipe;
  }

  /** What tells these variants from others of the same search, in the journal. */
  String key() {
    return key;
  }

  /** The layers that are compressed when none is left alone, in the graph's order. */
  Set<String> layers() {
    if (layers == null) layers = layers(compressed(recipe).results().getLast());
    return layers;
  }

  /** Of those that a pass tells it has changed, the nodes that a recipe can name. */
  private Set<String> layers(PassResult result) {
    Map<String, Long> labels = new LinkedHashMap<>();
    before.model().graph().nodes().forEach(node -> labels.merge(node.label(), 1L, Long::sum));
    Set<String> found = new LinkedHashSet<>();
    for (Node node : before.model().graph().nodes()) {
      boolean alone = labels.get(node.label()) == 1 && !name(node).contains("*") && !name(node).startsWith("op:");
      if (alone && result.changed().containsKey(node.label())) found.add(name(node));
    }
    return found;
  }

  private static String name(Node node) {
    return node.name().isEmpty() ? node.output().name() : node.name();
  }

  /** The nodes of {@link #layers} by name, as they stand before the step. */
  Map<String, Node> nodes() {
    Map<String, Node> nodes = new LinkedHashMap<>();
    for (Node node : before.model().graph().nodes()) {
      if (node.output(0) != null && layers().contains(name(node))) nodes.put(name(node), node);
    }
    return nodes;
  }

  /** These layers in the graph's order, in which a journal knows them again. */
  List<String> ordered(Set<String> layers) {
    return layers().stream().filter(layers::contains).toList();
  }

  /** The recipe that leaves these layers alone. */
  Recipe recipe(Collection<String> left) {
    return recipe.leavingAlone(left);
  }

  /** What the recipe makes that leaves these layers alone. */
  Pipeline.Outcome of(Collection<String> left) {
    return of(recipe(left));
  }

  /** What a recipe makes that begins with the same steps up to the one that may leave layers alone. */
  Pipeline.Outcome of(Recipe other) {
    List<Pipeline.Step> steps = other.steps();
    Pipeline.Outcome compressed = compressed(other);
    Pipeline.Outcome whole = new Pipeline(steps.subList(step + 1, steps.size()), step + 2).run(compressed.model(),
        context);
    return joined(compressed, whole);
  }

  /**
   * What the recipe makes by itself, without anything remembered. Where more activations are observed at once, a device may fuse less, and
   * what it finds differ in a last bit.
   */
  Pipeline.Outcome alone(Recipe other) {
    return joined(before,
        new Pipeline(other.steps().subList(step, other.steps().size()), step + 1).run(before.model(), context));
  }

  private Pipeline.Outcome compressed(Recipe other) {
    return joined(before,
        new Pipeline(other.steps().subList(step, step + 1), step + 1).run(before.model(), remembering));
  }

  private static Pipeline.Outcome joined(Pipeline.Outcome first, Pipeline.Outcome second) {
    List<PassResult> results = new ArrayList<>(first.results());
    results.addAll(second.results());
    return new Pipeline.Outcome(second.model(), results);
  }
}
