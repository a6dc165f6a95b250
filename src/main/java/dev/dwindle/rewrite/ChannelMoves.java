package dev.dwindle.rewrite;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.rewrite.ChannelLines.Line;
import dev.dwindle.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How channels hang together over operators that move elements, and over those that look at an axis as a whole. */
final class ChannelMoves {
  private static final Set<String> REDUCTIONS = Set.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin",
      "ReduceProd",
      "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp");

  static final Map<String, ChannelRules.Entry> RULES = new TreeMap<>(Map.of(
      "Concat", new ChannelRules.Entry(Integer.MAX_VALUE, ChannelMoves::concat),
      "Split", new ChannelRules.Entry(1, ChannelMoves::split),
      "Slice", new ChannelRules.Entry(1, ChannelMoves::slice),
      "Pad", new ChannelRules.Entry(1, ChannelMoves::pad),
      "Transpose", new ChannelRules.Entry(1, ChannelMoves::transpose),
      "Gather", new ChannelRules.Entry(1, ChannelMoves::gather),
      "Resize", new ChannelRules.Entry(1, ChannelMoves::resize),
      "Softmax", new ChannelRules.Entry(1, ChannelMoves::softmax),
      "LogSoftmax", new ChannelRules.Entry(1, ChannelMoves::softmax),
      "LayerNormalization", new ChannelRules.Entry(1, ChannelMoves::layerNormalization)));

  static {
    REDUCTIONS.forEach(name -> RULES.put(name, new ChannelRules.Entry(1, ChannelMoves::reduce)));
  }

  private ChannelMoves() {}

  private static boolean concat(Node node, ChannelLines lines) {
    Value y = node.output();
    int rank = lines.rank(y);
    if (rank < 1) return false;
    int axis = new Call(node).axis(new Call(node).integer("axis", 0), rank);
    Line whole = lines.line(y, axis);
    int at = 0;
    for (Value x : node.inputs()) {
      if (lines.rank(x) != rank || !lines.types().tensorType(x).dim(axis).isKnown()) return false;
      int size = (int) lines.types().tensorType(x).dim(axis).size();
      if (!part(x, axis, whole, at, size, lines)) return false;
      others(x, y, axis, lines);
      at += size;
    }
    return true;
  }

  /** Ties an axis of a value, or its single element that has no line and so stays, to a part of another line. */
  private static boolean part(Value part, int axis, Line whole, int at, int size, ChannelLines lines) {
    Line line = lines.line(part, axis);
    if (whole == null || at + size > whole.size() || line == null && size > 1) return line == null && size < 2;
    for (int i = 0; i < size; i++) {
      if (line == null) {
        lines.stay(whole, at + i);
      } else {
        lines.tie(line, i, whole, at + i);
      }
    }
    return true;
  }

  private static void others(Value a, Value b, int axis, ChannelLines lines) {
    for (int other = 0; other < lines.rank(a); other++) {
      if (other != axis) lines.tie(a, other, b, other);
    }
  }

  private static boolean split(Node node, ChannelLines lines) {
    Value x = node.input(0);
    int rank = lines.rank(x);
    if (rank < 1) return false;
    int axis = new Call(node).axis(new Call(node).integer("axis", 0), rank);
    Line whole = lines.line(x, axis);
    int at = 0;
    for (Value y : node.outputs()) {
      if (y == null || lines.rank(y) != rank || !lines.types().tensorType(y).dim(axis).isKnown()) return false;
      int size = (int) lines.types().tensorType(y).dim(axis).size();
      if (!part(y, axis, whole, at, size, lines)) return false;
      others(y, x, axis, lines);
      at += size;
    }
    return true;
  }

  private static boolean slice(Node node, ChannelLines lines) {
    Value x = node.input(0);
    Value y = node.output();
    SliceBounds bounds = SliceBounds.of(node, lines.types());
    if (bounds == null || lines.rank(x) < 1 || lines.rank(y) != lines.rank(x)) return false;
    for (int axis = 0; axis < lines.rank(x); axis++) {
      int place = bounds.place(axis);
      Line from = lines.line(x, axis);
      Line to = lines.line(y, axis);
      if (place < 0) {
        lines.tie(x, axis, y, axis);
      } else if (from == null || to == null || bounds.steps()[place] != 1) {
        lines.stay(x, axis);
        lines.stay(y, axis);
      } else {
        int start = (int) bounds.start(place, from.size());
        for (int i = 0; i < to.size(); i++) {
          lines.tie(to, i, from, start + i);
        }
      }
    }
    return true;
  }

  private static boolean pad(Node node, ChannelLines lines) {
    Value x = node.input(0);
    Value y = node.output();
    long[] pads = pads(node, lines.types());
    boolean constant = new Call(node).text("mode", "constant").equals("constant");
    if (pads == null || lines.rank(x) < 1 || lines.rank(y) != lines.rank(x)) return false;
    int rank = lines.rank(x);
    for (int axis = 0; axis < rank; axis++) {
      Line from = lines.line(x, axis);
      Line to = lines.line(y, axis);
      long begin = pads[axis];
      long end = pads[axis + rank];
      if (begin == 0 && end == 0) {
        lines.tie(x, axis, y, axis);
      } else if (from == null || to == null || !constant || begin < 0 || end < 0) {
        lines.stay(x, axis);
        lines.stay(y, axis);
      } else {
        for (int i = 0; i < from.size(); i++) {
          lines.tie(from, i, to, (int) begin + i);
        }
      }
    }
    return true;
  }

  /** The pads of a Pad, one for each side of each axis; null where they are not known or stand for chosen axes. */
  static long[] pads(Node node, Types types) {
    long[] pads = null;
    if (node.version() < 11) {
      pads = new Call(node).integers("pads", (long[]) null);
    } else if (node.input(3) == null && types.tensor(node.input(1)) != null) {
      pads = Elements.longs(types.tensor(node.input(1)));
    }
    int rank = types.tensorType(node.input(0)).hasRank() ? types.tensorType(node.input(0)).rank() : -1;
    return pads == null || pads.length != 2 * rank ? null : pads;
  }

  private static boolean transpose(Node node, ChannelLines lines) {
    Value x = node.input(0);
    int rank = lines.rank(x);
    if (rank < 0 || lines.rank(node.output()) != rank) return false;
    long[] perm = new Call(node).integers("perm", (long[]) null);
    for (int axis = 0; axis < rank; axis++) {
      lines.tie(x, perm == null ? rank - 1 - axis : (int) perm[axis], node.output(), axis);
    }
    return true;
  }

  private static boolean gather(Node node, ChannelLines lines) {
    Value x = node.input(0);
    Value y = node.output();
    int rank = lines.rank(x);
    int indices = lines.rank(node.input(1));
    if (rank < 1 || indices < 0 || lines.rank(y) != rank - 1 + indices) return false;
    int axis = new Call(node).axis(new Call(node).integer("axis", 0), rank);
    lines.stay(x, axis);
    for (int i = 0; i < lines.rank(y); i++) {
      if (i < axis) {
        lines.tie(x, i, y, i);
      } else if (i < axis + indices) {
        lines.stay(y, i);
      } else {
        lines.tie(x, i - indices + 1, y, i);
      }
    }
    return true;
  }

  /** Axes whose scale is 1 keep their elements. */
  private static boolean resize(Node node, ChannelLines lines) {
    Value x = node.input(0);
    Value y = node.output();
    int rank = lines.rank(x);
    Tensor scales = lines.types().tensor(node.version() < 11 ? node.input(1) : node.input(2));
    boolean cropped = new Call(node).text("coordinate_transformation_mode", "").equals("tf_crop_and_resize");
    if (scales == null || cropped || rank < 1 || scales.size() != rank || lines.rank(y) != rank
        || node.version() >= 11 && node.input(3) != null || new Call(node).hasAttribute("axes")) {
      return false;
    }
    double[] factors = Elements.doubles(scales);
    for (int axis = 0; axis < rank; axis++) {
      if (factors[axis] == 1) {
        lines.tie(x, axis, y, axis);
      } else {
        lines.stay(x, axis);
        lines.stay(y, axis);
      }
    }
    return true;
  }

  private static boolean softmax(Node node, ChannelLines lines) {
    Value x = node.input(0);
    int rank = lines.rank(x);
    if (node.version() < 13 || rank < 1) return false;
    lines.stay(x, new Call(node).axis(new Call(node).integer("axis", -1), rank));
    lines.tie(x, node.output());
    return true;
  }

  private static boolean layerNormalization(Node node, ChannelLines lines) {
    Value x = node.input(0);
    int rank = lines.rank(x);
    if (rank < 1) return false;
    for (int axis = new Call(node).axis(new Call(node).integer("axis", -1), rank); axis < rank; axis++) {
      lines.stay(x, axis);
    }
    lines.tie(x, node.output());
    return true;
  }

  private static boolean reduce(Node node, ChannelLines lines) {
    Call call = new Call(node);
    Value x = node.input(0);
    int rank = lines.rank(x);
    Tensor given = lines.types().tensor(node.input(1));
    long[] axes = given == null ? call.integers("axes", (long[]) null) : Elements.longs(given);
    if (rank < 1 || axes == null || axes.length == 0 || lines.rank(node.output()) < 0) return false;
    boolean[] reduced = new boolean[rank];
    for (long axis : axes) {
      reduced[call.axis(axis, rank)] = true;
    }
    boolean kept = call.flag("keepdims", true);
    int at = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (reduced[axis]) {
        lines.stay(x, axis);
      } else {
        lines.tie(x, axis, node.output(), at);
      }
      at += kept || !reduced[axis] ? 1 : 0;
    }
    return true;
  }
}
