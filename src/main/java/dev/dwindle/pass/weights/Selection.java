package dev.dwindle.pass.weights;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.quant.BlockLayout;
import dev.dwindle.quant.WeightFormat;
import dev.dwindle.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which weights are stored in which format.
 *
 * @param choices those that are to be stored otherwise, in the order of their nodes
 * @param skipped label and reason of layers that might have been
 */
record Selection(List<Choice> choices, Map<String, String> skipped) {
  /** About what the names, types and attributes of new constants and their node take in a file. */
  private static final int OVERHEAD_BYTES = 200;
  /** Weights in a block of INT4 where the recipe does not say. */
  private static final int INT4_GROUP = 64;

  /**
   * One layer's weights and their format.
   *
   * @param layout null for a plain format
   */
  record Choice(Operand operand, WeightFormat format, boolean symmetric, BlockLayout layout) {
    /** The lowest operator set that can say it. */
    int opset() {
      if (format.isPlain()) {
        return 13;
      }
      boolean wide = layout.blockSize() > 0 || format == WeightFormat.INT4;
      return wide ? 21 : format == WeightFormat.INT8 ? 13 : 19;
    }

    private long bytes() {
      DType dtype = format.dtype(symmetric);
      long scales = layout == null ? 0 : layout.blocks();
      return dtype.bytes(operand.weight().tensor().size()) + 4 * scales
          + (dtype.isUnsigned() ? dtype.bytes(scales) : 0);
    }

    private boolean pays() {
      return bytes() + OVERHEAD_BYTES < operand.weight().tensor().byteSize();
    }
  }

  /** Chooses by the recipe's settings and what each node allows. */
  static Selection of(List<Node> nodes, Settings settings) {
    List<Choice> choices = new ArrayList<>();
    Map<String, String> skipped = new LinkedHashMap<>();
    for (Node node : nodes) {
      List<Choice> own = Operand.of(node).stream().map(o -> choice(o, settings)).toList();
      own.stream().filter(Choice::pays).forEach(choices::add);
      String reason = reasonToSkip(node, own);
      if (reason != null) {
        skipped.put(node.label(), reason);
      }
    }
    return new Selection(choices, skipped);
  }

  private static Choice choice(Operand operand, Settings settings) {
    WeightFormat format = format(operand.node(), settings);
    boolean symmetric = switch (settings.word("symmetric")) {
      case "true" -> true;
      case "false" -> false;
      default -> format != WeightFormat.INT4;
    };
    BlockLayout layout = format.isPlain() ? null : operand.layout(group(format, settings));
    return new Choice(operand, format, symmetric, layout);
  }

  private static WeightFormat format(Node node, Settings settings) {
    for (Map.Entry<String, String> layer : settings.assignment("layers").entrySet()) {
      if (new Patterns(List.of(layer.getKey())).matches(node)) {
        return WeightFormat.of(layer.getValue());
      }
    }
    return WeightFormat.of(settings.word("format"));
  }

  private static int group(WeightFormat format, Settings settings) {
    return switch (settings.word("group")) {
      case "channel" -> 0;
      case "format" -> format == WeightFormat.INT4 ? INT4_GROUP : 0;
      default -> Integer.parseInt(settings.word("group"));
    };
  }

  /** Null where nothing is to be told of a node. */
  private static String reasonToSkip(Node node, List<Choice> own) {
    if (own.isEmpty()) {
      boolean quantized = node.inputs().stream().anyMatch(Selection::isDequantized);
      return !node.domain().isEmpty() ? "operator of domain " + node.domain() + ", carried along"
          : !Operand.isLayer(node) ? null : quantized ? "quantized already" : "its weights are not constant";
    }
    if (own.stream().allMatch(c -> c.format() == WeightFormat.FLOAT)) {
      return "left in float by the recipe";
    }
    return own.stream().anyMatch(Choice::pays) ? null : "too small to gain by it";
  }

  private static boolean isDequantized(Value value) {
    return value != null && value.producer() != null && value.producer().is("DequantizeLinear");
  }
}
