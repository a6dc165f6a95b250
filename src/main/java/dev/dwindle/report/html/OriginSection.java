package dev.dwindle.report.html;

import dev.dwindle.report.Figures;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.ModelFile;
import java.util.Map;

/** All that it takes to make the same again: command, recipe, files and their hashes, versions, machine. */
final class OriginSection {
  private OriginSection() {}

  static Element of(JobResult result) {
    return Section.of("origin", "How to make it again",
        result.command().isEmpty() ? null : block("Command", result.command()),
        result.recipe().isEmpty() ? null : block("Recipe", result.recipe().strip()),
        Element.of("div", "columns", file("Original", result.original()), file("Compressed", result.compressed()),
            job(result), machine(result.machine())));
  }

  private static Element block(String heading, String text) {
    return Element.of("div", "block", Element.of("h3", "", heading),
        Element.of("pre", "", text).with("tabindex", "0").with("aria-label", heading));
  }

  private static Element group(String heading, Element... facts) {
    return Element.of("div", "group", Element.of("h3", "", heading), Element.of("dl", "facts", facts));
  }

  private static Element file(String heading, ModelFile file) {
    return group(heading, Facts.code("file", file.path()), Facts.fact("size", Figures.bytes(file.bytes())),
        Facts.fact("format", "ONNX, IR " + file.irVersion() + ", operator set " + file.opset()),
        Facts.code("SHA-256", file.sha256()));
  }

  private static Element job(JobResult result) {
    return group("Job", Facts.fact("program", "Dwindle " + result.version()),
        Facts.fact("began", result.started().replace('T', ' ').replace("Z", " UTC")),
        Facts.fact("took", Show.number(result.seconds(), 1) + "\u00a0s"), Facts.fact("made for", result.target()),
        Facts.fact("seed", Long.toString(result.seed())),
        result.peakMemoryBytes() == 0 ? null
            : Facts.fact("peak memory", Figures.memory(result.peakMemoryBytes()) + ", the whole job"));
  }

  /** The machine on which figures were measured. */
  static Element machine(MachineInfo machine) {
    Element group = group("Machine", Facts.fact("processor", machine.cpu()),
        Facts.fact("cores", Integer.toString(machine.cores())),
        Facts.fact("instructions", String.join(" ", machine.flags())),
        Facts.fact("memory", Figures.memory(machine.memoryBytes())), Facts.fact("system", machine.os()),
        Facts.fact("Java", machine.java()),
        Double.isNaN(machine.load()) ? null
            : Facts.fact("load before", Show.number(machine.load(), 2) + " (average of one minute)"));
    Element facts = Element.of("dl", "facts");
    for (Map.Entry<String, String> fact : machine.device().entrySet()) {
      facts.add(Facts.fact("device, " + fact.getKey(), fact.getValue()));
    }
    return machine.device().isEmpty() ? group : group.add(facts);
  }
}
