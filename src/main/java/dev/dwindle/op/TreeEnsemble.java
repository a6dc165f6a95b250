package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** TreeEnsemble: decision trees walked for each row of features, their leaves added up for each target. */
final class TreeEnsemble implements Operator {
  @Override
  public String domain() {
    return MachineLearning.DOMAIN;
  }

  @Override
  public String name() {
    return "TreeEnsemble";
  }

  @Override
  public int since() {
    return 5;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    call.requireRank(0, 1, 2);
    Dim rows = call.hasRank(0) ? call.tensor(0).dim(0) : Dim.unknown();
    return Inference.one(call.dtype(0), List.of(rows, Dim.of(call.integer("n_targets", 1))));
  }

  /** Fails where a table has another length than expected, or an entry that is not below its limit. */
  private static long[] checked(Call call, String name, int length, long limit) {
    long[] values = call.integers(name, (long[]) null);
    if (values == null || (length >= 0 && values.length != length)
        || Arrays.stream(values).anyMatch(v -> v < 0 || v >= limit)) {
      throw call.invalid(name + " is " + Arrays.toString(values) + ", expected " + (length < 0 ? "" : length + " ")
          + "numbers of 0 to " + (limit - 1));
    }
    return values;
  }

  /** The tables of one node's attributes, read once for all rows. */
  private record Forest(double[] splits, long[] modes, long[] features, long[] missing, List<Set<Double>> members,
      long[][] next, long[][] isLeaf) {
    static Forest of(Call call, int columns, int leaves) {
      long[] modes = Elements.longs(required(call, "nodes_modes"));
      double[] splits = Elements.doubles(required(call, "nodes_splits"));
      int nodes = modes.length;
      if (splits.length != nodes) {
        throw call.invalid("nodes_splits has " + splits.length + " numbers, expected " + nodes);
      }
      long[][] isLeaf = {checked(call, "nodes_falseleafs", nodes, 2), checked(call, "nodes_trueleafs", nodes, 2)};
      long[][] next = {checked(call, "nodes_falsenodeids", nodes, Math.max(nodes, leaves)),
          checked(call, "nodes_truenodeids", nodes, Math.max(nodes, leaves))};
      for (int way = 0; way < 2; way++) {
        for (int i = 0; i < nodes; i++) {
          if (next[way][i] >= (isLeaf[way][i] != 0 ? leaves : nodes)) {
            throw call.invalid("node " + i + " goes on at " + next[way][i] + ", expected one of " + nodes + " nodes or "
                + leaves + " leaves");
          }
        }
      }
      long[] missing = call.hasAttribute("nodes_missing_value_tracks_true")
          ? checked(call, "nodes_missing_value_tracks_true", nodes, 2)
          : new long[nodes];
      return new Forest(splits, modes, checked(call, "nodes_featureids", nodes, columns), missing,
          members(call, modes), next, isLeaf);
    }

    private static Tensor required(Call call, String name) {
      if (!call.hasAttribute(name)) {
        throw call.invalid("attribute '" + name + "' is missing");
      }
      return call.tensorAttribute(name);
    }

    /** For each node the set of its members, null where it has none. */
    private static List<Set<Double>> members(Call call, long[] modes) {
      Tensor given = call.tensorAttribute("membership_values");
      double[] values = given == null ? new double[0] : Elements.doubles(given);
      List<Set<Double>> members = new ArrayList<>();
      int at = 0;
      for (long mode : modes) {
        Set<Double> set = mode == 6 ? new HashSet<>() : null;
        while (set != null && at < values.length && !Double.isNaN(values[at])) {
          set.add(values[at++]);
        }
        at += set == null ? 0 : 1;
        members.add(set);
      }
      return members;
    }

    boolean holds(int node, double value) {
      if (Double.isNaN(value) && missing[node] != 0) {
        return true;
      }
      double split = splits[node];
      return switch ((int) modes[node]) {
        case 0 -> value <= split;
        case 1 -> value < split;
        case 2 -> value >= split;
        case 3 -> value > split;
        case 4 -> value == split;
        case 5 -> value != split;
        default -> members.get(node).contains(value);
      };
    }

    /** The leaf that a row reaches from a root. */
    int leaf(Call call, long root, double[] x, int row) {
      int node = (int) root;
      for (int steps = 0; steps <= modes.length; steps++) {
        int way = holds(node, x[row + (int) features[node]]) ? 1 : 0;
        int to = (int) next[way][node];
        if (isLeaf[way][node] != 0) {
          return to;
        }
        node = to;
      }
      throw call.invalid("the tree from node " + root + " has a cycle, expected a tree");
    }
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    if (call.shape(0).rank() != 2) {
      throw call.invalid("input has shape " + call.shape(0) + ", expected [N,F]");
    }
    double[] weights = Elements.doubles(Forest.required(call, "leaf_weights"));
    int aggregate = call.int32("aggregate_function", 1);
    int columns = call.shape(0).intDim(1);
    int rows = call.shape(0).intDim(0);
    int width = call.int32("n_targets", 1);
    Forest forest = Forest.of(call, columns, weights.length);
    long[] targets = checked(call, "leaf_targetids", weights.length, width);
    long[] roots = checked(call, "tree_roots", -1, forest.modes.length);
    double[] x = call.doubles(0);
    double[] y = new double[Shape.of(rows, width).intSize()];
    for (int row = 0; row < rows; row++) {
      boolean[] seen = new boolean[width];
      for (long root : roots) {
        int leaf = forest.leaf(call, root, x, row * columns);
        int target = (int) targets[leaf];
        int at = row * width + target;
        double weight = weights[leaf];
        y[at] = !seen[target] ? weight
            : aggregate == 2 ? Math.min(y[at], weight) : aggregate == 3 ? Math.max(y[at], weight) : y[at] + weight;
        seen[target] = true;
      }
      for (int t = 0; aggregate == 0 && t < width; t++) {
        y[row * width + t] /= roots.length;
      }
      transform(call, y, row * width, width);
    }
    return List.of(Elements.ofDoubles(call.dtype(0), Shape.of(rows, width), y));
  }

  private static void transform(Call call, double[] y, int from, int width) {
    int transform = call.int32("post_transform", 0);
    double max = Arrays.stream(y, from, from + width).max().orElse(0);
    double sum = 0;
    for (int i = from; i < from + width && transform != 0; i++) {
      y[i] = switch (transform) {
        case 1 -> Math.exp(y[i] - max);
        case 2 -> 1 / (1 + Math.exp(-y[i]));
        case 3 -> y[i] == 0 ? 0 : Math.exp(y[i] - max);
        default -> throw call.invalid("post_transform is " + transform + ", expected 0 to 3; 4 (PROBIT) is not known");
      };
      sum += y[i];
    }
    for (int i = from; i < from + width && (transform == 1 || transform == 3); i++) {
      y[i] /= sum;
    }
  }
}
