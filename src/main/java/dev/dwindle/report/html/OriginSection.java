package dev.dwindle.report.html;

import dev.dwindle.report.Figures;
import dev.dwindle.result.DeviceResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.MachineInfo;
import dev.dwindle.result.ModelFile;
import java.util.List;
import java.util.Map;

/** All that it takes to make the same again: command, recipe, files and their hashes, versions, machine. */
final class OriginSection {
  private OriginSection() {}

  static Element of(JobResult result) {
    return Section.of("origin", "How to make it again",
        result.command().isEmpty() ? null : block("Command", result.command()),
        result.recipe().isEmpty() ? null : block("Recipe", result.recipe().strip()),
        Element.of("div", "columns", file("Original", result.original()), file("Compressed", result.compressed()),
            packed(result.compressed()), job(result), machine(result.machine(), result.byDevice())));
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

  /** Null where the file was not packed. */
  private static Element packed(ModelFile file) {
    return file.packed() == null ? null
        : group("Packed", Facts.code("file", file.packed().path()),
            Facts.fact("size", Figures.bytes(file.packed().bytes())), Facts.fact("preset", file.packed().preset()));
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
    return machine(machine, List.of());
  }

  /** The machine with the facts of each of several devices. */
  private static Element machine(MachineInfo machine, List<DeviceResult> devices) {
    Element group = group("Machine", Facts.fact("processor", machine.cpu()),
        Facts.fact("cores", Integer.toString(machine.cores())),
        Facts.fact("instructions", String.join(" ", machine.flags())),
        Facts.fact("memory", Figures.memory(machine.memoryBytes())), Facts.fact("system", machine.os()),
        Facts.fact("Java", machine.java()),
        Double.isNaN(machine.load()) ? null
            : Facts.fact("load before", Show.number(machine.load(), 2) + " (average of one minute)"));
    if (devices.size() <= 1) return group.add(facts("device", machine.device()));
    devices.forEach(device -> group.add(facts(device.device(), device.facts())));
    return group;
  }

  /** Null where there are none. */
  private static Element facts(String device, Map<String, String> facts) {
    Element list = Element.of("dl", "facts");
    facts.forEach((name, value) -> list.add(Facts.fact(device + ", " + name, value)));
    return facts.isEmpty() ? null : list;
  }
}
