package dev.dwindle.measure;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.rewrite.Emulation;

/** A device whose integer units have a given arithmetic. */
public record SaturatingDevice(CpuBackend cpu, IntegerArithmetic arithmetic) implements Backend {
  @Override
  public String name() {
    return "saturating";
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
    return cpu.compile(Emulation.of(graph.model(), arithmetic).graph(), options);
  }

  @Override
  public void close() {
    cpu.close();
  }
}
