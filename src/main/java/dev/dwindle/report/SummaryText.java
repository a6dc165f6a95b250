package dev.dwindle.report;

import dev.dwindle.result.ModelSummary;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What is in a model file, for the terminal. */
public final class SummaryText {
  private SummaryText() {}

  /** The summary, ending in a line break. */
  public static String of(ModelSummary summary, String device) {
    StringBuilder text = new StringBuilder();
    line(text, summary.file().path());
    String hash = summary.file().sha256() == null ? "" : ", sha256 " + summary.file().sha256();
    line(text, "  file        " + Figures.bytes(summary.file().bytes()) + hash);
    line(text, "  format      IR " + summary.file().irVersion() + ", opset " + summary.opsets().entrySet().stream()
        .map(e -> (e.getKey().isEmpty() ? "" : e.getKey() + " ") + e.getValue()).collect(Collectors.joining(", ")));
    summary.inputs().forEach((name, type) -> line(text, "  input       " + name + ": " + type));
    summary.outputs().forEach((name, type) -> line(text, "  output      " + name + ": " + type));
    line(text, String.format(Locale.ROOT, "  parameters  %,d", summary.parameters()));
    summary.bytesByType().forEach((type, bytes) -> line(text, "  weights     " + Figures.bytes(bytes) + " of " + type));
    int nodes = summary.operators().values().stream().mapToInt(Integer::intValue).sum();
    line(text, "  nodes       " + nodes + ": " + summary.operators().entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed()).map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", ")));
    summary.notes().forEach(note -> line(text, "  note        " + note));
    if (summary.unsupported().isEmpty()) {
      line(text, "  " + device + " runs every node");
    }
    summary.unsupported().forEach((node, reason) -> line(text, "  not on " + device + ": " + reason));
    return text.toString();
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}
