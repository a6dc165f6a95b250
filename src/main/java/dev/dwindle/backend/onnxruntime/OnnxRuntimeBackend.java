package dev.dwindle.backend.onnxruntime;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The processor as ONNX Runtime uses it: its CPU execution provider, through its Java package where that is there. */
public final class OnnxRuntimeBackend implements Backend {
  static final String NAME = "onnxruntime:CPU";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Availability availability() {
    return Presence.availability();
  }

  @Override
  public DeviceInfo device() {
    requireAvailable();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("version", Library.version());
    facts.put("providers", String.join(", ", Library.providers()));
    return new DeviceInfo(NAME, System.getProperty("os.arch") + ", ONNX Runtime " + Library.version(), 0, facts);
  }

  @Override
  public Support supports(Node node) {
    return availability() instanceof Availability.No(String reason) ? Support.no(reason) : Capability.of(node);
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    requireAvailable();
    return new OnnxRuntimeExecutable(graph, options);
  }

  private void requireAvailable() {
    if (availability() instanceof Availability.No(String reason)) {
      throw new DeviceUnavailableException("device '" + NAME + "': " + reason);
    }
  }

  @Override
  public void close() {
    // holds nothing: sessions belong to what is compiled, and the library stays loaded
  }
}
