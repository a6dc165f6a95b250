package dev.dwindle.graph;

import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses graphs in the text form. */
final class GraphParser {
  private final TextScanner text;
  private final TensorText tensors;

  GraphParser(TextScanner text) {
    this.text = text;
    this.tensors = new TensorText(text);
  }

  /** What stands between angle brackets before a graph or function. */
  private record Header(long irVersion, String domain, Map<String, Integer> opsets) {}

  Model model() {
    try {
      return parse();
    } catch (NumberFormatException e) {
      throw text.flaw("a number before this; " + e.getMessage());
    }
  }

  private Model parse() {
    Header header = text.sees("<") ? header() : new Header(10, "", Map.of("", 21));
    Model model = new Model(header.irVersion, 0);
    model.opsets().putAll(header.opsets);
    model.graph().setName(text.name());
    graph(model.graph());
    while (!text.atEnd()) {
      model.functions().add(function(model));
    }
    GraphVerifier.verify(model.graph());
    return model;
  }

  private Header header() {
    long irVersion = 10;
    String domain = "";
    Map<String, Integer> opsets = new LinkedHashMap<>();
    text.expect("<");
    do {
      String key = text.word();
      text.expect(":");
      switch (key) {
        case "ir_version" -> irVersion = integer();
        case "domain" -> domain = text.string();
        case "opset_import" -> {
          text.expect("[");
          do {
            String name = text.string();
            text.expect(":");
            opsets.put(name, (int) integer());
          } while (text.takes(","));
          text.expect("]");
        }
        default -> throw text.flaw("ir_version, domain or opset_import");
      }
    } while (text.takes(","));
    text.expect(">");
    return new Header(irVersion, domain, opsets);
  }

  private long integer() {
    return Long.parseLong(text.number());
  }

  private Function function(Model model) {
    Header header = header();
    String name = text.name();
    int colon = name.indexOf(':');
    String overload = colon < 0 ? "" : name.substring(colon + 1);
    Function function = new Function(header.domain, colon < 0 ? name : name.substring(0, colon), overload, model,
        header.opsets);
    if (text.takes("<")) {
      do {
        function.attributes().add(functionAttribute());
      } while (text.takes(","));
      text.expect(">");
    }
    graph(function.body());
    return function;
  }

  private Attribute functionAttribute() {
    String name = text.word();
    return text.sees("=") || text.sees(":") ? attribute(name, null)
        : new Attribute(name, new Attribute.Foreign(), Extras.NONE);
  }

  /** Signature and body, into a graph that has its name and stands where it belongs. */
  private void graph(Graph graph) {
    text.expect("(");
    while (!text.takes(")")) {
      graph.addInput(declaration(graph));
      if (!text.sees(")")) {
        text.expect(",");
      }
    }
    text.expect("=>");
    text.expect("(");
    Map<String, ValueType> outputs = new LinkedHashMap<>();
    while (!text.takes(")")) {
      ValueType type = tensors.type();
      outputs.put(text.name(), type);
      if (!text.sees(")")) {
        text.expect(",");
      }
    }
    Map<String, ValueType> inner = new LinkedHashMap<>();
    if (text.takes("<")) {
      do {
        inner(graph, inner);
      } while (text.takes(","));
      text.expect(">");
    }
    text.expect("{");
    while (!text.takes("}")) {
      node(graph);
    }
    inner.forEach((name, type) -> known(graph, name).setType(type));
    outputs.forEach((name, type) -> output(graph, name, type));
  }

  private void output(Graph graph, String name, ValueType type) {
    Value value = known(graph, name);
    graph.addOutput(value);
    if (type != null && !value.isConstant()) {
      value.setType(type);
    }
  }

  private Value known(Graph graph, String name) {
    Value value = graph.resolve(name);
    if (value == null) {
      throw text.flaw("a node before this that makes '" + name + "'");
    }
    return value;
  }

  private Value declaration(Graph graph) {
    ValueType type = tensors.type();
    Value value = graph.addValue(text.name(), type);
    if (!text.sees("=>") && text.takes("=")) {
      graph.setConstant(value, Constant.of(tensors.elements(type)));
    }
    return value;
  }

  /** A constant, or the type of a value that a node is going to make. */
  private void inner(Graph graph, Map<String, ValueType> types) {
    ValueType type = tensors.type();
    String name = text.name();
    if (text.takes("=")) {
      Tensor tensor = tensors.elements(type);
      graph.setConstant(graph.addValue(name, TensorType.of(tensor)), Constant.of(tensor));
    } else {
      types.put(name, type);
    }
  }

  private void node(Graph graph) {
    String name = "";
    if (text.takes("[")) {
      name = text.name();
      text.expect("]");
    }
    List<String> outputs = new ArrayList<>();
    do {
      outputs.add(text.name());
    } while (text.takes(","));
    text.expect("=");
    String operator = text.name();
    int colon = operator.indexOf(':');
    String overload = colon < 0 ? "" : operator.substring(colon + 1);
    operator = colon < 0 ? operator : operator.substring(0, colon);
    int dot = operator.lastIndexOf('.');
    NodeBuilder builder = graph.node(dot < 0 ? "" : operator.substring(0, dot), operator.substring(dot + 1)).name(name);
    // Attributes stand before the inputs, but a subgraph among them must find its node in the graph.
    int attributes = text.position();
    skipAttributes();
    text.expect("(");
    while (!text.takes(")")) {
      String input = text.name();
      builder.in(new Value[] {input.isEmpty() ? null : known(graph, input)});
      if (!text.sees(")")) {
        text.expect(",");
      }
    }
    int end = text.position();
    outputs.forEach(o -> builder.out(new Value[] {o.isEmpty() ? null : graph.addValue(o, null)}));
    Node node = builder.append();
    node.setOverload(overload);
    text.back(attributes);
    if (text.takes("<")) {
      do {
        Attribute attribute = attribute(text.word(), node);
        if (node.attribute(attribute.name()) != attribute) {
          node.setAttribute(attribute);
        }
      } while (text.takes(","));
      text.expect(">");
    }
    text.back(end);
  }

  private void skipAttributes() {
    if (!text.takes("<")) {
      return;
    }
    for (int depth = 1; depth > 0;) {
      if (text.sees("\"")) {
        text.string();
      } else if (text.takes("<")) {
        depth++;
      } else if (text.takes("=>")) {
        continue;
      } else if (text.takes(">")) {
        depth--;
      } else {
        text.skip();
      }
    }
  }

  /** The rest of an attribute after its name; a subgraph is put into the node at once. */
  private Attribute attribute(String name, Node node) {
    String kind = text.takes(":") ? text.word() : "";
    text.expect("=");
    if (text.takes("@")) {
      return new Attribute(name, new Attribute.Reference(text.word()), Extras.NONE);
    }
    if (text.sees("\"")) {
      return Attribute.of(name, text.string());
    }
    if (text.seesNumber()) {
      return scalar(name, text.number(), kind);
    }
    if (text.takes("[")) {
      return list(name, kind, node);
    }
    int start = text.position();
    ValueType type = tensors.type();
    if (type != null) {
      return Attribute.of(name, Constant.of(tensors.elements(type)));
    }
    text.back(start);
    Graph graph = Graph.subgraphOf(node.graph());
    Attribute attribute = Attribute.of(name, graph);
    node.setAttribute(attribute);
    graph.setName(text.name());
    graph(graph);
    return attribute;
  }

  private static Attribute scalar(String name, String number, String kind) {
    return isFloat(number) || kind.equals("float") ? Attribute.of(name, (float) TensorText.real(number))
        : Attribute.of(name, Long.parseLong(number));
  }

  private static boolean isFloat(String number) {
    return number.matches(".*[.a-zA-Z].*");
  }

  private Attribute list(String name, String kind, Node node) {
    List<String> items = new ArrayList<>();
    boolean strings = kind.equals("strings");
    while (!text.takes("]")) {
      strings |= text.sees("\"");
      items.add(strings ? text.string() : text.number());
      if (!text.sees("]")) {
        text.expect(",");
      }
    }
    if (strings) {
      return Attribute.of(name, items);
    }
    if (kind.equals("floats") || items.stream().anyMatch(GraphParser::isFloat)) {
      float[] values = new float[items.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) TensorText.real(items.get(i));
      }
      return Attribute.of(name, values);
    }
    return Attribute.of(name, items.stream().mapToLong(Long::parseLong).toArray());
  }
}
