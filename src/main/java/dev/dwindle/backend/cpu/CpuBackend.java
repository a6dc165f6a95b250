package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.backend.cpu.kernel.Machine;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.VectorModule;
import java.util.LinkedHashMap;
import java.util.Map;

/** The processor that this JVM runs on, in pure Java: it runs every operator that Dwindle knows. */
public final class CpuBackend implements Backend {
  /** Begins to load the Vector API; {@link #availability} waits for it. */
  public static void prepare() {
    VectorModule.begin();
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Availability availability() {
    return VectorModule.isThere() ? new Availability.Yes()
        : new Availability.No(
            "this JVM does not give the Vector API; start it with --add-modules jdk.incubator.vector");
  }

  @Override
  public DeviceInfo device() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("vectors", Machine.current().toString());
    facts.put("java", Runtime.version().toString());
    return new DeviceInfo(name(), System.getProperty("os.arch") + ", pure Java", Runtime.getRuntime().maxMemory(),
        facts);
  }

  @Override
  public Support supports(Node node) {
    if (Ops.find(node) == null) {
      return Support.no(node.label() + ": version " + node.version() + " of this operator is not known");
    }
    for (Graph body : node.subgraphs()) {
      for (Node inner : body.nodes()) {
        if (supports(inner) instanceof Support.No no) {
          return no;
        }
      }
    }
    return Support.YES;
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    return new CpuExecutable(graph, options);
  }

  @Override
  public long bytes(Graph graph, CompileOptions options) {
    try (CpuExecutable executable = new CpuExecutable(graph, options)) {
      return executable.bytes();
    }
  }

  @Override
  public void close() {
    // holds nothing: threads and memory belong to what is bound
  }
}
