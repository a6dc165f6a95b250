package dev.dwindle.pass.prune;

import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.measure.OutputDistance;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.train.Student;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What each group of channels saves at each width, and each block, and what it costs in the outputs: seen one by one, with all else whole. */
final class WidthChoices {
  private final ChannelPruning pruning;
  private final Price price;
  private final PassContext context;
  private final Patterns keep;
  private final NarrowResult result;
  private final OutputDistance distance;
  private final Map<Integer, List<Integer>> stairs = new TreeMap<>();

  WidthChoices(Model model, ChannelPruning pruning, Price price, PassContext context, Patterns keep,
      NarrowResult result) {
    this.pruning = pruning;
    this.price = price;
    this.context = context;
    this.keep = keep;
    this.result = result;
    distance = new OutputDistance(model, context,
        context.calibration().limit(context.settings().whole("samples")));
  }

  /** All of them together: of a block either its channels become fewer, or it goes as a whole. */
  Savings savings() {
    String which = context.settings().word("blocks");
    List<Student.Block> blocks = which.equals("false") ? List.of() : pruning.blocks();
    int groups = which.equals("only") ? 0 : pruning.groups().size();
    context.progress().begin("narrow: widths, one by one", groups + blocks.size());
    Map<Integer, List<Integer>> inside = new TreeMap<>();
    Savings all = new Savings();
    for (int group = 0; group < groups; group++) {
      int block = block(group, blocks);
      if (block >= 0) inside.computeIfAbsent(block, b -> new ArrayList<>()).add(group);
      else
        all = all.and(ofGroup(group));
    }
    for (int block = 0; block < blocks.size(); block++) {
      Savings narrower = new Savings();
      for (int group : inside.getOrDefault(block, List.of())) narrower = narrower.and(ofGroup(group));
      all = all.and(narrower.or(ofBlock(block)));
    }
    context.progress().end();
    return all;
  }

  /** By group that may become narrower, the widths that are worth having, the whole first; known once all choices are. */
  Map<Integer, List<Integer>> stairs() {
    return stairs;
  }

  /** How far the outputs of the model are from those of the whole after a cut. */
  double error(Cut cut) {
    return distance.of(pruning.without(cut));
  }

  /** The block inside of which all that makes a group's channels stands, or -1. */
  private int block(int group, List<Student.Block> blocks) {
    List<String> makers = pruning.makers(group).stream().map(Node::label).toList();
    return IntStream.range(0, blocks.size())
        .filter(b -> !makers.isEmpty() && new HashSet<>(blocks.get(b).branch()).containsAll(makers)).findFirst()
        .orElse(-1);
  }

  private Savings ofGroup(int group) {
    Savings savings = new Savings();
    int size = pruning.groups().get(group).size();
    List<Node> makers = pruning.makers(group);
    if (makers.stream().anyMatch(keep::matches)) {
      makers.forEach(node -> result.skipped(node, "left alone by the recipe"));
    } else if (size > 1) {
      List<Cut> cuts = widths(size).stream().map(width -> Cut.to(group, width)).toList();
      List<Double> costs = offer(savings, cuts);
      result.stairs(makers, size, widths(size), costs);
      List<Integer> worth = new ArrayList<>(List.of(size));
      for (int i = 0; i < costs.size(); i++) if (!costs.get(i).isNaN()) worth.add(widths(size).get(i));
      stairs.put(group, List.copyOf(worth));
    }
    context.progress().advance(1);
    return savings;
  }

  private Savings ofBlock(int block) {
    Savings savings = new Savings();
    Set<String> branch = Set.copyOf(pruning.blocks().get(block).branch());
    boolean left = pruning.model().graph().nodes().stream()
        .anyMatch(node -> branch.contains(node.label()) && keep.matches(node));
    if (!left) offer(savings, List.of(Cut.without(block)));
    context.progress().advance(1);
    return savings;
  }

  private List<Double> offer(Savings savings, List<Cut> cuts) {
    List<Model> models = cuts.stream().map(pruning::without).toList();
    double[] costs = price.stairs(models);
    for (int i = 0; i < costs.length; i++) {
      if (!Double.isNaN(costs[i])) savings.offer(cuts.get(i), 1 - costs[i], distance.of(models.get(i)));
    }
    return Arrays.stream(costs).boxed().toList();
  }

  /** Widths from wide to narrow at equal distances, not the whole. */
  private List<Integer> widths(int size) {
    int count = (int) Math.min(size, context.settings().whole("widths"));
    return IntStream.iterate(count - 1, i -> i > 0, i -> i - 1).map(i -> Math.max(1, size * i / count)).distinct()
        .boxed().toList();
  }
}
