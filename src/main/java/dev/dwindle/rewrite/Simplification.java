package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a graph smaller without changing what it computes, for every value of its symbolic dimensions: rounds of
 * inference and of the rules below, until none applies.
 *
 * <ol>
 * <li>what depends on constants only becomes a constant ({@link ConstantFolding});
 * <li>Identity, Dropout outside training, Cast to the same type, and views, Slice, Pad, Transpose, Split, one-input
 * joins and neutral arithmetic that change nothing go away ({@link NoOps});
 * <li>a Transpose of a Transpose is one, a Slice of a Slice along other axes is one ({@link Slices}), a view of a view is
 * one Reshape, and a Reshape whose shape is computed reads a constant where that is possible ({@link Views});
 * <li>a Conv does the zero padding before it ({@link Padding});
 * <li>an If whose condition is known gives way to its branch ({@link Branches});
 * <li>an affine map per channel after a convolution or matrix product goes into its weights
 * ({@link BatchNormFolding});
 * <li>equal nodes and equal constants are merged ({@link Duplicates});
 * <li>nodes and constants that nothing reads are removed.
 * </ol>
 */
public final class Simplification {
  private static final int MAX_ROUNDS = 32;

  private static final List<Rule> RULES = List.of(
      new Rule("Identity removed", NoOps::identity),
      new Rule("Dropout removed", NoOps::dropout),
      new Rule("Cast to the same type removed", NoOps::cast),
      new Rule("view of the same shape removed", NoOps::view),
      new Rule("Transpose in order removed", NoOps::transpose),
      new Rule("Slice of everything removed", NoOps::slice),
      new Rule("Pad of nothing removed", NoOps::pad),
      new Rule("join of one value removed", NoOps::single),
      new Rule("Split into one part removed", NoOps::split),
      new Rule("arithmetic with the neutral element removed", NoOps::neutral),
      new Rule("Transposes joined", Views::transposes),
      new Rule("views joined", Views::chain),
      new Rule("Slices joined", Slices::join),
      new Rule("computed shape made constant", Views::constantShape),
      new Rule("Pad put into Conv", Padding::intoConv),
      new Rule("If replaced by its branch", Branches::inlineIf),
      new Rule("affine map put into weights", BatchNormFolding::apply));

  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private Types types;

  private Simplification(Types types) {
    this.types = types;
  }

  /**
   * Simplifies a main graph and its subgraphs. Constants that old files list among the inputs count as constants. A graph
   * of an operator set before {@link OpsetLift#OLDEST} stays as it is.
   *
   * @return how often each rule applied, by its name; rules that did not are left out
   */
  public static Map<String, Integer> simplify(Graph graph) {
    Simplification simplification = new Simplification(null);
    simplification.run(graph);
    return simplification.counts;
  }

  /**
   * The same for a graph whose types are known: they are not inferred anew before its first round, nor after the last.
   *
   * @return the types of the simplified graph
   */
  public static Types simplify(Graph graph, Types types) {
    Simplification simplification = new Simplification(types);
    simplification.run(graph);
    return simplification.types == null ? ShapeInference.of(graph) : simplification.types;
  }

  private void run(Graph graph) {
    int opset = graph.opset("");
    if (opset > 0 && opset < OpsetLift.OLDEST) {
      return;
    }
    for (int round = 0; round < MAX_ROUNDS && round(graph); round++) {}
  }

  /** One round; the types hold for the graph after a round that changed nothing, and are forgotten after any other. */
  private boolean round(Graph graph) {
    int before = total();
    if (types == null) types = ShapeInference.of(graph);
    count("constants computed", ConstantFolding.fold(graph, types));
    for (Rule rule : RULES) {
      count(rule.name(), apply(rule, graph, types));
    }
    count("equal nodes merged", Duplicates.mergeNodes(graph));
    count("equal constants merged", Duplicates.mergeConstants(graph));
    count("unread nodes removed", graph.removeDead());
    for (Value input : List.copyOf(graph.inputs())) {
      if (input.isConstant() && input.isUnused()) {
        graph.removeConstant(input);
      }
    }
    boolean changed = total() > before;
    if (changed) types = null;
    return changed;
  }

  /** Each rule looks at the first input and output of a node; a call that lacks them is damaged, and left as it is. */
  private static boolean isWhole(Node node) {
    return node.input(0) != null && !node.outputs().isEmpty() && node.output() != null;
  }

  private static int apply(Rule rule, Graph graph, Types types) {
    int applied = 0;
    for (Node node : List.copyOf(graph.nodes())) {
      if (isWhole(node) && rule.rewrite().apply(node, types)) {
        applied++;
      } else {
        for (Graph sub : node.subgraphs()) {
          applied += apply(rule, sub, types);
        }
      }
    }
    return applied;
  }

  private void count(String name, int times) {
    if (times > 0) {
      counts.merge(name, times, Integer::sum);
    }
  }

  private int total() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }
}
