package dev.dwindle.measure;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.rewrite.Emulation;
import java.util.function.UnaryOperator;

/** The processor as another device, which runs something else than it is given. */
record ChangedProcessor(String name, CpuBackend cpu, UnaryOperator<Model> change) implements Backend {
  /** A device whose integer units have a given arithmetic. */
  static ChangedProcessor summing(IntegerArithmetic arithmetic) {
    return new ChangedProcessor("saturating", new CpuBackend(), model -> Emulation.of(model, arithmetic));
  }

  @Override
  public Availability availability() {
    return cpu.availability();
  }

  @Override
  public DeviceInfo device() {
    return cpu.device();
  }

  @Override
  public Support supports(Node node) {
    return cpu.supports(node);
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    return cpu.compile(change.apply(graph.model()).graph(), options);
  }

  @Override
  public void close() {
    cpu.close();
  }
}
