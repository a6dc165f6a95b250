package dev.dwindle.rewrite;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The axes of the values of a graph as lines of elements, and which of these elements go together: a union-find over
 * (value, axis, index). Axes of length 1 have no line, since they cannot become shorter, nor have axes whose length is not
 * known; what is tied to one of the latter stays.
 */
final class ChannelLines {
  /** Longer axes stay as they are. */
  private static final int LONGEST = 1 << 20;
  /** The element with which all go together that must stay. */
  private static final int STAYS = 0;

  /** One axis of a value; its elements are numbered from {@code first} on. */
  record Line(Value value, int axis, int first, int size) {}

  private final Types types;
  private final Map<Value, Line[]> lines = new LinkedHashMap<>();
  private final Set<Line> produced = new HashSet<>();
  private final int[] parent;

  ChannelLines(Graph graph, Types types) {
    this.types = types;
    int count = STAYS + 1;
    for (Value value : graph.values()) {
      TensorType type = types.tensorType(value);
      if (!type.hasRank()) continue;
      Line[] axes = new Line[type.rank()];
      for (int axis = 0; axis < axes.length; axis++) {
        long size = type.dim(axis).isKnown() ? type.dim(axis).size() : 0;
        if (size < 2 || size > LONGEST) continue;
        axes[axis] = new Line(value, axis, count, (int) size);
        count = Math.addExact(count, (int) size);
      }
      lines.put(value, axes);
    }
    parent = new int[count];
    Arrays.setAll(parent, i -> i);
    for (Value value : lines.keySet()) {
      boolean given = value.isGraphInput() && !value.isConstant();
      boolean odd = value.isConstant() && !isWhole(value.tensor().dtype());
      if (given || odd || value.isGraphOutput() || value.isUnused()) stay(value);
    }
  }

  /** Whether the elements of a type have bytes of their own. */
  private static boolean isWhole(DType dtype) {
    return dtype.bits() > 0 && dtype.bits() % 8 == 0;
  }

  Types types() {
    return types;
  }

  /** All lines, in the order of the values. */
  List<Line> all() {
    return lines.values().stream().flatMap(Arrays::stream).filter(line -> line != null).toList();
  }

  /** The line of an axis, which may count from the end; null where there is none. */
  Line line(Value value, int axis) {
    Line[] axes = lines.get(value);
    int place = axes == null ? -1 : axis < 0 ? axis + axes.length : axis;
    return place < 0 || place >= axes.length ? null : axes[place];
  }

  /** The element that stands for all that go together with this one. */
  int channel(int element) {
    int at = element;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  int channel(Line line, int index) {
    return channel(line.first + index);
  }

  boolean stays(int element) {
    return channel(element) == channel(STAYS);
  }

  /** Whether no element of a line may go. */
  boolean stays(Line line) {
    for (int i = 0; line != null && i < line.size; i++) {
      if (!stays(line.first + i)) return false;
    }
    return true;
  }

  /** Keeps every axis of a value as it is; null is none. */
  void stay(Value value) {
    Line[] axes = lines.get(value);
    for (int axis = 0; axes != null && axis < axes.length; axis++) {
      stay(value, axis);
    }
  }

  void stay(Value value, int axis) {
    Line line = line(value, axis);
    for (int i = 0; line != null && i < line.size; i++) {
      tie(line.first + i, STAYS);
    }
  }

  void stay(Line line, int index) {
    tie(line.first + index, STAYS);
  }

  void stay(Collection<Value> values) {
    values.forEach(this::stay);
  }

  /** Ties two elements. The lower one stands for both, so that the order of channels follows that of the values. */
  void tie(int a, int b) {
    int x = channel(a);
    int y = channel(b);
    parent[Math.max(x, y)] = Math.min(x, y);
  }

  void tie(Line a, int i, Line b, int j) {
    tie(a.first + i, b.first + j);
  }

  /** Ties two axes element by element; what has no line of the same length on the other side stays. */
  void tie(Value a, int axisA, Value b, int axisB) {
    Line x = line(a, axisA);
    Line y = line(b, axisB);
    if (x == null || y == null || x.size != y.size) {
      stay(a, axisA);
      stay(b, axisB);
      return;
    }
    for (int i = 0; i < x.size; i++) {
      tie(x, i, y, i);
    }
  }

  /** Ties all axes of two values of the same rank. */
  void tie(Value a, Value b) {
    for (int axis = 0; axis < rank(a); axis++) {
      tie(a, axis, b, axis);
    }
  }

  /** Number of axes; -1 where it is not known. */
  int rank(Value value) {
    Line[] axes = lines.get(value);
    return axes == null ? -1 : axes.length;
  }

  /** Notes that the elements along an axis of weights each make one channel of a result. */
  void produce(Value weights, int axis) {
    Line line = line(weights, axis);
    if (line != null) produced.add(line);
  }

  boolean produces(Line line) {
    return produced.contains(line);
  }
}
