package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;

/** The rule that lets a convolution do the zero padding before it. */
final class Padding {
  private Padding() {}

  /** Conv of a Pad with zeros on spatial axes only: the pads are the Conv's. */
  static boolean intoConv(Node node, Types types) {
    Node pad = node.is("Conv") ? node.producer(0) : null;
    if (pad == null || !pad.is("Pad") || !new Call(node).text("auto_pad", "NOTSET").equals("NOTSET")) {
      return false;
    }
    long[] pads = zeros(pad, types);
    if (pads == null || Arrays.stream(pads).anyMatch(p -> p < 0)) {
      return false;
    }
    int rank = pads.length / 2;
    if (pads[0] + pads[1] + pads[rank] + pads[rank + 1] != 0) {
      return false;
    }
    int spatial = rank - 2;
    long[] own = new Call(node).integers("pads", new long[2 * spatial]);
    for (int i = 0; i < spatial; i++) {
      own[i] += pads[2 + i];
      own[spatial + i] += pads[rank + 2 + i];
    }
    node.setInput(0, pad.input(0));
    node.setAttribute(Attribute.of("pads", own));
    node.removeAttribute("auto_pad");
    return true;
  }

  /** The pads of a Pad that adds zeros, one for each side of each axis; null where it does not or they are not known. */
  private static long[] zeros(Node pad, Types types) {
    Call call = new Call(pad);
    if (!call.text("mode", "constant").equals("constant") || call.has(3)) {
      return null;
    }
    if (pad.version() < 11) {
      return call.real("value", 0) == 0 ? call.integers("pads", (long[]) null) : null;
    }
    return isZero(pad.input(2), types) && types.tensor(pad.input(1)) != null
        ? Elements.longs(types.tensor(pad.input(1)))
        : null;
  }

  private static boolean isZero(Value value, Types types) {
    Tensor tensor = value == null ? null : types.tensor(value);
    return value == null || tensor != null && Elements.doubles(tensor)[0] == 0;
  }
}
