package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ChannelLines.Line;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which channels of a graph may go, and what goes with each: an axis of one value is tied to axes of others wherever an
 * operator lets an element of the one stand for one of the other. Channels that have the same places everywhere form a
 * group. What depends on inputs or outputs of the graph, is computed by an operator that is not understood, or is looked at
 * as a whole (normalized, reduced) stays and is in no group. How channels are chosen is not its matter; {@link ChannelCut}
 * removes them.
 *
 * <p>Where a value is padded along its channels, the padding's channels are those of what is added to it: a group of their
 * own, beside the one of the channels inside. A channel that a Flatten makes a run of features goes with its run. In a
 * convolution by groups the channels that have one place in each group go together; in a depthwise one, groups go.
 */
public final class ChannelGroups {
  private static final int FIRST_OPSET = 7;

  private final Graph graph;
  private final ChannelLines lines;
  private final List<Group> groups = new ArrayList<>();
  /** By group, the elements that stand for its channels. */
  private final List<int[]> channels = new ArrayList<>();

  /**
   * Channels that have the same places.
   *
   * @param size number of channels
   * @param members the axes of constants in which they have places
   */
  public record Group(int size, List<Member> members) {
    /** By channel, the sum of the absolute values of the weights that make it. */
    public double[] norms() {
      double[] norms = new double[size];
      for (Member member : members) {
        if (!member.produces() || !member.constant().tensor().dtype().isFloating()) continue;
        double[] sums = member.sums();
        for (int c = 0; c < size; c++) {
          for (int place : member.places()[c]) norms[c] += sums[place];
        }
      }
      return norms;
    }
  }

  /**
   * An axis of a constant along which each channel of a group has its places.
   *
   * @param places by channel, the indices along the axis, ascending and for each channel as many
   * @param produces whether the constant holds the weights that make these channels, as the first axis of a Conv's weights
   */
  public record Member(Value constant, int axis, int[][] places, boolean produces) {
    /** Indices of one channel: more than 1 behind a Flatten, or where groups of a convolution share channels. */
    public int repeat() {
      return places[0].length;
    }

    /** By index along the axis, the sum of the absolute values there. */
    private double[] sums() {
      Shape shape = constant.tensor().shape();
      double[] values = Elements.doubles(constant.tensor());
      double[] sums = new double[shape.intDim(axis)];
      int inner = (int) shape.product(axis + 1, shape.rank());
      for (int i = 0; i < values.length; i++) sums[i / inner % sums.length] += Math.abs(values[i]);
      return sums;
    }
  }

  private ChannelGroups(Graph graph, ChannelLines lines) {
    this.graph = graph;
    this.lines = lines;
    List<int[]> candidates = candidates();
    List<List<Member>> members = members(candidates);
    for (int g = 0; g < candidates.size(); g++) {
      if (members.get(g).isEmpty()) continue;
      groups.add(new Group(candidates.get(g).length, List.copyOf(members.get(g))));
      channels.add(candidates.get(g));
    }
  }

  /** Looks at a graph whose composites, shapes and constants are as a {@link Simplification} leaves them. */
  public static ChannelGroups of(Graph graph) {
    ChannelLines lines = new ChannelLines(graph, ShapeInference.of(graph));
    List<Node> views = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (graph.opset("") >= FIRST_OPSET && isPlain(node) && ChannelViews.isView(node)) {
        node.inputs().stream().skip(1).forEach(lines::stay);
        views.add(node);
      } else if (graph.opset("") < FIRST_OPSET || !isPlain(node) || !tie(node, lines)) {
        lines.stay(node.inputs());
        lines.stay(node.outputs());
      }
    }
    for (Value value : graph.values()) {
      if (value.uses().stream().map(Use::node).anyMatch(reader -> reader.graph() != graph)) lines.stay(value);
    }
    ChannelViews.tie(views, lines);
    return new ChannelGroups(graph, lines);
  }

  /** Whether a node has one result that is read, or is a Split, and no subgraph. */
  private static boolean isPlain(Node node) {
    boolean one = node.outputs().stream().skip(1).allMatch(v -> v == null || v.isUnused());
    return (one || node.is("Split")) && !node.outputs().isEmpty() && node.output() != null && node.input(0) != null
        && node.subgraphs().isEmpty();
  }

  private static boolean tie(Node node, ChannelLines lines) {
    ChannelRules.Entry rule = ChannelRules.of(node);
    if (rule == null || !rule.tie().apply(node, lines)) return false;
    node.inputs().stream().skip(rule.inputs()).forEach(lines::stay);
    return true;
  }

  /** The channels that may go, those with the same places together. */
  private List<int[]> candidates() {
    Map<Integer, List<Integer>> places = new LinkedHashMap<>();
    List<Line> all = lines.all();
    for (int l = 0; l < all.size(); l++) {
      for (int i = 0; i < all.get(l).size(); i++) {
        int channel = lines.channel(all.get(l), i);
        if (!lines.stays(channel)) places.computeIfAbsent(channel, k -> new ArrayList<>()).add(l);
      }
    }
    Map<List<Integer>, List<Integer>> together = new LinkedHashMap<>();
    places.forEach((channel, where) -> together.computeIfAbsent(where, k -> new ArrayList<>()).add(channel));
    return together.values().stream().map(g -> g.stream().mapToInt(Integer::intValue).toArray()).toList();
  }

  /** By group, the axes of constants in which its channels have places. */
  private List<List<Member>> members(List<int[]> candidates) {
    Map<Integer, int[]> known = new HashMap<>();
    List<List<Member>> members = new ArrayList<>();
    for (int g = 0; g < candidates.size(); g++) {
      members.add(new ArrayList<>());
      for (int c = 0; c < candidates.get(g).length; c++) {
        known.put(candidates.get(g)[c], new int[] {g, c});
      }
    }
    for (Line line : lines.all()) {
      if (!line.value().isConstant()) continue;
      Map<Integer, IntStream.Builder[]> found = new LinkedHashMap<>();
      for (int i = 0; i < line.size(); i++) {
        int[] at = known.get(lines.channel(line, i));
        if (at == null) continue;
        found.computeIfAbsent(at[0], g -> builders(candidates.get(g).length))[at[1]].add(i);
      }
      found.forEach((group, places) -> members.get(group).add(new Member(line.value(), line.axis(),
          Arrays.stream(places).map(p -> p.build().toArray()).toArray(int[][]::new), lines.produces(line))));
    }
    return members;
  }

  private static IntStream.Builder[] builders(int count) {
    return Stream.generate(IntStream::builder).limit(count).toArray(IntStream.Builder[]::new);
  }

  /** The groups in the order in which their first channels appear. */
  public List<Group> groups() {
    return Collections.unmodifiableList(groups);
  }

  Graph graph() {
    return graph;
  }

  ChannelLines lines() {
    return lines;
  }

  /** The elements that stand for the channels of a group, by its place in the list. */
  int[] channels(int group) {
    return channels.get(group);
  }

  /** A line for each group: {@code 16 channels in conv1.weight/0, fc.weight/1*25}. */
  @Override
  public String toString() {
    return groups.stream().map(g -> g.size() + (g.size() == 1 ? " channel in " : " channels in ") + g.members().stream()
        .map(m -> m.constant().name() + "/" + m.axis() + (m.repeat() > 1 ? "*" + m.repeat() : ""))
        .collect(Collectors.joining(", "))).collect(Collectors.joining("\n"));
  }
}
