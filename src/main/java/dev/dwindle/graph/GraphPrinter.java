package dev.dwindle.graph;

import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Prints graphs in the text form. */
final class GraphPrinter {
  private static final int MOST_ELEMENTS = 16;

  private final StringBuilder out = new StringBuilder();

  String print(Model model) {
    out.append("<ir_version: ").append(model.irVersion()).append(", ").append(opsets(model.opsets())).append(">\n");
    print(model.graph());
    for (Function function : model.functions()) {
      out.append("<domain: ").append(quoted(function.domain())).append(", ").append(opsets(function.opsets()))
          .append(">\n").append(name(function.name()));
      if (!function.overload().isEmpty()) {
        out.append(':').append(name(function.overload()));
      }
      if (!function.attributes().isEmpty()) {
        out.append(" <").append(function.attributes().stream()
            .map(a -> a.value() instanceof Attribute.Foreign ? a.name() : attribute(a, "")).collect(commas()))
            .append('>');
      }
      signature(function.body(), "");
    }
    return out.toString();
  }

  String print(Graph graph) {
    graph(graph, "");
    return out.append('\n').toString();
  }

  private static String opsets(Map<String, Integer> opsets) {
    return opsets.entrySet().stream().map(e -> quoted(e.getKey()) + ": " + e.getValue())
        .collect(Collectors.joining(", ", "opset_import: [", "]"));
  }

  private void graph(Graph graph, String indent) {
    out.append(name(graph.name().isEmpty() ? "graph" : graph.name()));
    signature(graph, indent);
  }

  private void signature(Graph graph, String indent) {
    String inner = indent + "  ";
    out.append(" (").append(graph.inputs().stream().map(v -> declared(v) + literal(v)).collect(commas()));
    out.append(") => (").append(graph.outputs().stream().map(GraphPrinter::declared).collect(commas())).append(")\n");
    List<Value> constants = new ArrayList<>(graph.constants());
    constants.removeAll(graph.inputs());
    if (!constants.isEmpty()) {
      out.append(indent).append("<\n");
      out.append(constants.stream().map(v -> inner + declared(v) + literal(v)).collect(Collectors.joining(",\n")));
      out.append('\n').append(indent).append(">\n");
    }
    out.append(indent).append("{\n");
    graph.nodes().forEach(node -> node(node, inner));
    out.append(indent).append('}');
  }

  private static Collector<CharSequence, ?, String> commas() {
    return Collectors.joining(", ");
  }

  private void node(Node node, String indent) {
    out.append(indent);
    if (!node.name().isEmpty()) {
      out.append('[').append(name(node.name())).append("] ");
    }
    out.append(names(node.outputs())).append(" = ");
    out.append(node.domain().isEmpty() ? "" : node.domain() + ".").append(node.operator());
    if (!node.overload().isEmpty()) {
      out.append(':').append(name(node.overload()));
    }
    if (!node.attributes().isEmpty()) {
      out.append(" <").append(node.attributes().stream().map(a -> attribute(a, indent)).collect(commas())).append("> ");
    }
    out.append('(').append(names(node.inputs())).append(")\n");
  }

  private static String names(List<Value> values) {
    return values.stream().map(v -> v == null ? "\"\"" : name(v.name())).collect(commas());
  }

  private static String declared(Value value) {
    return value.type() == null ? name(value.name()) : type(value.type()) + " " + name(value.name());
  }

  private static String literal(Value value) {
    return value.isConstant() ? " = " + elements(value.tensor()) : "";
  }

  private static String type(ValueType type) {
    return switch (type) {
      case TensorType tensor -> tensor.toString().replaceAll("\\?\\d+", "?");
      case ValueType.SequenceType s -> "seq(" + (s.element() == null ? "" : type(s.element())) + ")";
      case ValueType.OptionalType o -> "optional(" + (o.element() == null ? "" : type(o.element())) + ")";
      case ValueType.ForeignType f -> "foreign()";
    };
  }

  private String attribute(Attribute attribute, String indent) {
    String label = attribute.name() + " = ";
    return switch (attribute.value()) {
      case Attribute.FloatValue v -> label + real(v.value());
      case Attribute.IntValue v -> label + v.value();
      case Attribute.StringValue v -> label + quoted(v.text());
      case Attribute.TensorValue v -> label + v.constant().tensor() + " " + elements(v.constant().tensor());
      case Attribute.GraphValue v -> label + nested(v.graph(), indent);
      case Attribute.FloatValues v when v.values().length == 0 -> attribute.name() + ": floats = []";
      case Attribute.FloatValues v -> label + reals(v.values());
      case Attribute.IntValues v when v.values().length == 0 -> attribute.name() + ": ints = []";
      case Attribute.IntValues v -> label + Arrays.toString(v.values());
      case Attribute.StringValues v when v.values().isEmpty() -> attribute.name() + ": strings = []";
      case Attribute.StringValues v ->
        label + v.values().stream().map(s -> quoted(new String(s, StandardCharsets.UTF_8))).toList();
      case Attribute.GraphValues v -> label + v.graphs().stream().map(g -> nested(g, indent)).toList();
      case Attribute.Reference v -> label + "@" + v.attribute();
      case Attribute.Foreign v -> label + "foreign()";
    };
  }

  private static String nested(Graph graph, String indent) {
    GraphPrinter printer = new GraphPrinter();
    printer.graph(graph, indent + "  ");
    return printer.out.toString();
  }

  private static String elements(Tensor tensor) {
    if (tensor.dtype() == DType.STRING) {
      return tensor.strings().stream().map(s -> quoted(new String(s, StandardCharsets.UTF_8)))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (tensor.size() > MOST_ELEMENTS || tensor.dtype() == DType.COMPLEX64 || tensor.dtype() == DType.COMPLEX128) {
      CRC32 checksum = new CRC32();
      checksum.update(tensor.bytes());
      return String.format("#%08x", checksum.getValue());
    }
    List<String> texts = new ArrayList<>();
    if (tensor.dtype() == DType.FLOAT) {
      for (float v : tensor.floats()) {
        texts.add(trimmed(real(v)));
      }
    } else if (tensor.dtype().isFloating()) {
      for (double v : Elements.doubles(tensor)) {
        texts.add(trimmed(Double.isFinite(v) ? Double.toString(v) : real((float) v)));
      }
    } else {
      for (long v : Elements.longs(tensor)) {
        texts.add(tensor.dtype() == DType.UINT64 ? Long.toUnsignedString(v) : Long.toString(v));
      }
    }
    return "{" + String.join(", ", texts) + "}";
  }

  private static String reals(float[] values) {
    List<String> texts = new ArrayList<>();
    for (float value : values) {
      texts.add(real(value));
    }
    return texts.toString();
  }

  private static String real(float value) {
    return Float.isNaN(value) ? "nan" : Float.isInfinite(value) ? value > 0 ? "inf" : "-inf" : Float.toString(value);
  }

  private static String trimmed(String number) {
    return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
  }

  /** A name as it is where that cannot be misread, else in quotes. */
  private static String name(String name) {
    return TextScanner.isPlainName(name) ? name : quoted(name);
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
