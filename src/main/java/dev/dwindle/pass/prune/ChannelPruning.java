package dev.dwindle.pass.prune;

import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.rewrite.ChannelCut;
import dev.dwindle.rewrite.ChannelGroups;
import dev.dwindle.rewrite.ChannelGroups.Group;
import dev.dwindle.train.Student;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** A model of which channels and residual blocks may go, and what is left of it after a {@link Cut}. */
final class ChannelPruning {
  private final Model model;
  private final List<Group> groups;
  private final List<Student.Block> blocks;
  private final Map<String, float[]> moments;
  /** By group, its channels, the first to go first; those that are asked for are found once. */
  private final Map<Integer, int[]> orders = new HashMap<>();

  /**
   * @param model {@linkplain Student#prepared prepared}; not changed
   * @param moments of what layers read, by the names of their weights; of those without any, weights stay as they are
   */
  ChannelPruning(Model model, Map<String, float[]> moments) {
    this.model = model;
    this.moments = moments;
    groups = ChannelGroups.of(model.graph()).groups();
    blocks = Student.blocks(model);
  }

  /** The whole model. */
  Model model() {
    return model;
  }

  List<Group> groups() {
    return groups;
  }

  List<Student.Block> blocks() {
    return blocks;
  }

  /** The layers that make the channels of a group. */
  List<Node> makers(int group) {
    return groups.get(group).members().stream().filter(ChannelGroups.Member::produces)
        .flatMap(member -> member.constant().uses().stream()).map(use -> use.node())
        .filter(node -> !Operand.of(node).isEmpty()).distinct().toList();
  }

  /** The model after a cut. */
  Model without(Cut cut) {
    Model smaller = model.copy();
    ChannelGroups all = ChannelGroups.of(smaller.graph());
    Map<Group, int[]> kept = new HashMap<>();
    for (int g = 0; g < groups.size(); g++) kept.put(all.groups().get(g), kept(g, cut));
    if (!moments.isEmpty()) compensate(smaller, kept);
    ChannelCut.apply(all, kept::get);
    Student.drop(smaller, cut.dropped().stream().mapToInt(Integer::intValue).toArray());
    return smaller;
  }

  private int[] kept(int group, Cut cut) {
    int size = groups.get(group).size();
    int width = cut.widths().getOrDefault(group, size);
    return width == size ? IntStream.range(0, size).toArray()
        : Arrays.stream(orders.computeIfAbsent(group, this::order)).skip(size - width).sorted().toArray();
  }

  private int[] order(int group) {
    return ChannelOrder.of(groups.get(group),
        operands(model).stream().map(operand -> reader(operand, groups.get(group))).filter(Objects::nonNull).toList());
  }

  private Reader reader(Operand operand, Group group) {
    return Reader.of(operand, moments.get(operand.weight().name()), group);
  }

  /** The weights for which it is known what they are multiplied with, each once. */
  private List<Operand> operands(Model of) {
    Map<Value, Operand> operands = new LinkedHashMap<>();
    for (Node node : of.graph().nodes()) {
      for (Operand operand : Operand.of(node)) {
        if (moments.containsKey(operand.weight().name())) operands.putIfAbsent(operand.weight(), operand);
      }
    }
    return new ArrayList<>(operands.values());
  }

  private void compensate(Model smaller, Map<Group, int[]> kept) {
    for (Operand operand : operands(smaller)) {
      Weights weights = Weights.of(operand, Reader.SINGLE, null);
      boolean[] gone = new boolean[weights.inputs()];
      kept.forEach((group, channels) -> {
        Reader reader = channels.length == group.size() ? null : reader(operand, group);
        if (reader == null) return;
        for (int[] columns : reader.columns()) for (int column : columns) gone[column] = true;
        for (int channel : channels) for (int column : reader.columns()[channel]) gone[column] = false;
      });
      if (IntStream.range(0, gone.length).anyMatch(i -> gone[i])) {
        Compensation.apply(weights, moments.get(operand.weight().name()), gone);
      }
    }
  }
}
