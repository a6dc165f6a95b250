package dev.dwindle.pass.share;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.FiniteConstants;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Whole;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.quant.Codebook;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.OpsetLift;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Weight sharing (Han et al., Deep Compression, 2016): the weights of a layer, or of each of its channels, take a few values, found by k-means without any data. They are
 * stored as a codebook and the places of the weights in it, behind Cast and Gather, which every runtime knows.
 */
public final class Share implements Pass {
  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("entries", new Whole(2, Codebook.MOST), 16L, "values that weights share at most"),
      new Setting("per", new Choice(List.of("tensor", "channel")), "tensor",
          "what has a codebook of its own: all weights of a layer, or those of one output"),
      new Setting("method", new Choice(List.of("exact", "linear", "density")), "exact",
          "how values are found: those of least squared error, or k-means from values at equal distances or of equal shares"),
      new Setting("zeros", new Choice(List.of("apart", "free")), "apart",
          "whether weights that are zero, which pruning left, keep a value of their own"),
      new Setting("store", new Choice(List.of("places", "values")), "places",
          "what stands in the file: places in the codebook, in 4 or 8 bits, or the shared values themselves, for pack"),
      new Setting("exclude", new Words(), List.of(), "patterns of layers to leave alone"));

  @Override
  public String name() {
    return "share";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    Map<String, String> figures = new LinkedHashMap<>();
    Map<String, String> skipped = new LinkedHashMap<>();
    Patterns exclude = new Patterns(settings.words("exclude"));
    exclude.warn("exclude", NarrowConstants.allNodes(graph), figures);
    SharedStore store = new SharedStore(settings, exclude);
    for (Node node : NarrowConstants.allNodes(graph)) {
      List<Operand> own = Operand.of(node);
      if (exclude.matches(node)) {
        if (!own.isEmpty()) skipped.put(node.label(), "left alone by the recipe");
      } else if (own.isEmpty() && node.domain().isEmpty() && Operand.isLayer(node)) {
        skipped.put(node.label(), Operand.reasonForNone(node));
      } else {
        own.forEach(store::find);
      }
    }
    store.put(graph, skipped, context.progress());
    return store.result(name(), skipped, figures);
  }

  /** Weights that were shared, each constant once, and what is told of them. */
  private static final class SharedStore {
    private final Settings settings;
    private final Patterns exclude;
    private final FiniteConstants finite = new FiniteConstants();
    private final List<Operand> operands = new ArrayList<>();
    private final Map<Value, SharedWeights> found = new LinkedHashMap<>();
    private final Map<Value, Value> stored = new LinkedHashMap<>();
    private final Map<String, String> changed = new LinkedHashMap<>();
    private long weights;
    private long bytes;

    SharedStore(Settings settings, Patterns exclude) {
      this.settings = settings;
      this.exclude = exclude;
    }

    /** Weights of layers must be finite; a table that Gather reads may be a mask of infinities, and stays as it is then. */
    void find(Operand operand) {
      if (Operand.isLayer(operand.node())) finite.require(operand.weight(), operand.node(), "'exclude' in a recipe");
      else if (!FiniteConstants.holds(operand.weight().tensor())) return;
      operands.add(operand);
    }

    void put(Graph graph, Map<String, String> skipped, Progress progress) {
      progress.begin("sharing", operands.size());
      for (Operand operand : operands) {
        found.computeIfAbsent(operand.weight(), w -> SharedWeights.of(operand, settings));
        progress.advance(1);
      }
      progress.end();
      boolean places = settings.word("store").equals("places");
      int opset = found.entrySet().stream().filter(each -> pays(each.getKey(), each.getValue()))
          .mapToInt(each -> each.getValue().opset()).max().orElse(0);
      if (places) OpsetLift.lift(graph.model(), opset);
      // A lift may have put other nodes in the place of those that were found.
      for (Node node : NarrowConstants.allNodes(graph)) {
        if (exclude.matches(node)) continue;
        Operand.of(node).stream().filter(operand -> found.containsKey(operand.weight()))
            .forEach(operand -> put(operand, places, skipped));
      }
    }

    private static boolean pays(Value weight, SharedWeights shared) {
      return shared.bytes() < weight.tensor().byteSize();
    }

    private void put(Operand operand, boolean places, Map<String, String> skipped) {
      Value weight = operand.weight();
      SharedWeights shared = found.get(weight);
      String label = operand.node().label();
      if (!pays(weight, shared)) {
        if (!changed.containsKey(label)) skipped.put(label, "too small to gain by it");
        return;
      }
      boolean fresh = !stored.containsKey(weight);
      Value other = stored.computeIfAbsent(weight,
          w -> places ? shared.gathered(w) : w.graph().addConstant(w.name() + "_shared", shared.tensor()));
      operand.node().setInput(operand.index(), other);
      skipped.remove(label);
      changed.merge(label, shared.words(), (a, b) -> a + "; " + b);
      if (fresh) {
        weights += weight.tensor().size();
        bytes += shared.bytes();
      }
      NarrowConstants.removeIfUnused(weight);
    }

    PassResult result(String pass, Map<String, String> skipped, Map<String, String> figures) {
      if (weights > 0) figures.put("bits per weight", String.format(Locale.ROOT, "%.2f", 8.0 * bytes / weights));
      String summary = "weights of " + changed.size() + " of " + (changed.size() + skipped.size()) + " layers shared";
      return new PassResult(pass, summary, changed, skipped, figures);
    }
  }
}
