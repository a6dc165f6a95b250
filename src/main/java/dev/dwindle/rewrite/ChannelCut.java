package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ChannelGroups.Group;
import dev.dwindle.rewrite.ChannelLines.Line;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/**
 * Removes channels from a graph: constants are sliced, and what says a number of channels (the groups of a depthwise
 * convolution, the shapes of Reshape, the sizes and bounds of Split, Slice and Pad) follows. The other channels compute what they
 * computed, without what they got from those that went.
 */
public final class ChannelCut {
  private final ChannelGroups groups;
  private final ChannelLines lines;
  /** The elements that stand for channels that go. */
  private final BitSet gone = new BitSet();

  private ChannelCut(ChannelGroups groups) {
    this.groups = groups;
    this.lines = groups.lines();
  }

  /**
   * Keeps the chosen channels of each group of a graph and removes the others; the groups hold no longer afterwards.
   *
   * @param kept by group, the channels to keep, ascending
   * @throws InvalidInputException where a choice is none, or would leave a value without channels
   */
  public static void apply(ChannelGroups groups, Function<Group, int[]> kept) {
    ChannelCut cut = new ChannelCut(groups);
    for (int g = 0; g < groups.groups().size(); g++) {
      cut.choose(g, kept.apply(groups.groups().get(g)));
    }
    List<Line> shorter = lines(cut);
    for (Node node : groups.graph().nodes()) cut.adjust(node);
    for (Line line : shorter) cut.shorten(line);
  }

  private void choose(int group, int[] kept) {
    int size = groups.groups().get(group).size();
    for (int i = 0; i < kept.length; i++) {
      if (kept[i] < (i == 0 ? 0 : kept[i - 1] + 1) || kept[i] >= size) {
        throw new InvalidInputException("group " + group + ": found channels " + Arrays.toString(kept)
            + " to keep, expected ascending ones below " + size);
      }
    }
    for (int channel : groups.channels(group)) gone.set(channel);
    for (int channel : kept) gone.clear(groups.channels(group)[channel]);
  }

  /** The lines that become shorter, none of them empty. */
  private static List<Line> lines(ChannelCut cut) {
    List<Line> shorter = new ArrayList<>();
    for (Line line : cut.lines.all()) {
      int left = cut.kept(line).length;
      if (left == 0) {
        throw new InvalidInputException("value '" + line.value().name() + "': none of its " + line.size()
            + " channels along axis " + line.axis() + " is kept, expected one or more");
      }
      if (left < line.size()) shorter.add(line);
    }
    return shorter;
  }

  /** The indices of a line that stay. */
  private int[] kept(Line line) {
    return kept(line, 0, line.size());
  }

  private int[] kept(Line line, int from, int to) {
    int[] kept = new int[to - from];
    int count = 0;
    for (int i = from; i < to; i++) {
      if (!gone.get(lines.channel(line, i))) kept[count++] = i;
    }
    return Arrays.copyOf(kept, count);
  }

  private boolean isShorter(Value value, int axis) {
    Line line = lines.line(value, axis);
    return line != null && kept(line).length < line.size();
  }

  private boolean isShorter(Value value) {
    for (int axis = 0; axis < lines.rank(value); axis++) {
      if (isShorter(value, axis)) return true;
    }
    return false;
  }

  /** The length of an axis afterwards. */
  private long size(Value value, int axis) {
    Line line = lines.line(value, axis);
    return line == null ? lines.types().tensorType(value).dim(axis).size() : kept(line).length;
  }

  private void adjust(Node node) {
    Value data = node.input(0);
    if (!node.domain().isEmpty() || node.outputs().isEmpty() || !isShorter(data) && !isShorter(node.output())) return;
    switch (node.operator()) {
      case "Conv", "ConvTranspose" -> {
        if (isShorter(data, 1) && ChannelRules.isDepthwise(node, lines.types())) {
          node.setAttribute(Attribute.of("group", size(data, 1)));
        }
      }
      case "Reshape" -> reshape(node);
      case "Split" -> split(node);
      case "Slice" -> slice(node);
      case "Pad" -> pad(node);
      default -> {}
    }
  }

  private void reshape(Node node) {
    long[] shape = Elements.longs(lines.types().tensor(node.input(1)));
    TensorType type = lines.types().tensorType(node.output());
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] != -1 && type.dim(axis).isKnown()) shape[axis] = size(node.output(), axis);
    }
    set(node, 1, "shape", shape);
  }

  private void split(Node node) {
    int axis = new Call(node).axis(new Call(node).integer("axis", 0), lines.rank(node.input(0)));
    if (!isShorter(node.input(0), axis)) return;
    long[] sizes = node.outputs().stream().mapToLong(part -> size(part, axis)).toArray();
    if (node.version() < 13) {
      node.setAttribute(Attribute.of("split", sizes));
    } else {
      node.removeAttribute("num_outputs");
      set(node, 1, "split", sizes);
    }
  }

  private void slice(Node node) {
    SliceBounds bounds = SliceBounds.of(node, lines.types());
    long[] starts = bounds.starts().clone();
    long[] ends = bounds.ends().clone();
    for (int i = 0; i < starts.length; i++) {
      int axis = bounds.axes()[i];
      if (!isShorter(node.input(0), axis)) continue;
      Line line = lines.line(node.input(0), axis);
      starts[i] = kept(line, 0, (int) bounds.start(i, line.size())).length;
      ends[i] = starts[i] + size(node.output(), axis);
    }
    if (node.version() < 10) {
      node.setAttribute(Attribute.of("starts", starts));
      node.setAttribute(Attribute.of("ends", ends));
    } else {
      set(node, 1, "starts", starts);
      set(node, 2, "ends", ends);
    }
  }

  private void pad(Node node) {
    long[] pads = ChannelMoves.pads(node, lines.types()).clone();
    int rank = pads.length / 2;
    for (int axis = 0; axis < rank; axis++) {
      Line line = lines.line(node.output(), axis);
      if (!isShorter(node.output(), axis)) continue;
      pads[axis] = kept(line, 0, (int) pads[axis]).length;
      pads[axis + rank] = kept(line, (int) (line.size() - pads[axis + rank]), line.size()).length;
    }
    if (node.version() < 11) {
      node.setAttribute(Attribute.of("pads", pads));
    } else {
      set(node, 1, "pads", pads);
    }
  }

  /** Gives an input of a node other integers, unless it has these; others that read the constant keep theirs. */
  private void set(Node node, int index, String hint, long[] numbers) {
    Graph graph = node.graph();
    Value old = node.input(index);
    Tensor before = old == null ? null : lines.types().tensor(old);
    if (before != null && Arrays.equals(numbers, Elements.longs(before))) return;
    Tensor tensor = Elements.ofLongs(before == null ? DType.INT64 : before.dtype(), Shape.of(numbers.length), numbers);
    if (old != null && old.isConstant() && old.uses().size() == 1 && !old.isGraphOutput()) {
      graph.setConstant(old, Constant.of(tensor));
      old.setType(TensorType.of(tensor));
    } else {
      String name = old == null ? node.output().name() + "_" + hint : old.name();
      node.setInput(index, graph.addConstant(name, tensor));
    }
  }

  private void shorten(Line line) {
    Value value = line.value();
    int[] kept = kept(line);
    if (value.isConstant()) {
      Tensor tensor = slice(value.tensor(), line.axis(), kept);
      groups.graph().setConstant(value, Constant.of(tensor));
      value.setType(TensorType.of(tensor));
    } else if (value.tensorType() != null && value.tensorType().hasRank()) {
      List<Dim> dims = new ArrayList<>(value.tensorType().dims());
      dims.set(line.axis(), Dim.of(kept.length));
      value.setType(value.tensorType().withDims(dims));
    }
  }

  private static Tensor slice(Tensor tensor, int axis, int[] kept) {
    Shape from = tensor.shape();
    Shape to = from.with(axis, kept.length);
    long run = from.product(axis + 1, from.rank()) * tensor.dtype().bits() / 8;
    byte[] bytes = new byte[Math.toIntExact(tensor.dtype().bytes(to.size()))];
    MemorySegment target = MemorySegment.ofArray(bytes);
    long at = 0;
    for (long outer = 0; outer < from.product(0, axis); outer++) {
      for (int index : kept) {
        MemorySegment.copy(tensor.segment(), (outer * from.dim(axis) + index) * run, target, at, run);
        at += run;
      }
    }
    return Tensor.of(tensor.dtype(), to, bytes);
  }
}
