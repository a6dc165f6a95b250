package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Another backend, whose device is there for so many runs and then throws at each. */
public final class VanishingBackend implements Backend {
  private final Backend other;
  private final AtomicInteger runsLeft;
  private final Supplier<DwindleException> fault;

  public VanishingBackend(Backend other, int runs, Supplier<DwindleException> fault) {
    this.other = other;
    this.runsLeft = new AtomicInteger(runs);
    this.fault = fault;
  }

  /** Runs that are left until it vanishes; negative afterwards. */
  public int runsLeft() {
    return runsLeft.get();
  }

  @Override
  public String name() {
    return other.name();
  }

  @Override
  public Availability availability() {
    return other.availability();
  }

  @Override
  public DeviceInfo device() {
    return other.device();
  }

  @Override
  public Support supports(Node node) {
    return other.supports(node);
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    Executable executable = other.compile(graph, options);
    return new Executable() {
      @Override
      public Bound bind() {
        return new Vanishing(executable.bind());
      }

      @Override
      public void close() {
        executable.close();
      }
    };
  }

  @Override
  public void close() {
    other.close();
  }

  private final class Vanishing implements Bound {
    private final Bound bound;

    Vanishing(Bound bound) {
      this.bound = bound;
    }

    @Override
    public void set(String input, Tensor value) {
      bound.set(input, value);
    }

    @Override
    public void carry(String output, String input) {
      bound.carry(output, input);
    }

    @Override
    public void run() {
      if (runsLeft.decrementAndGet() < 0) throw fault.get();
      bound.run();
    }

    @Override
    public Map<String, Tensor> outputs() {
      return bound.outputs();
    }

    @Override
    public List<NodeTime> profile() {
      return bound.profile();
    }

    @Override
    public void close() {
      bound.close();
    }
  }
}
