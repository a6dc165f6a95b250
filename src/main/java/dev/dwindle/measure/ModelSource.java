package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A model compiled for a device, whose loads are so many requests, so many of them in flight. */
final class ModelSource implements Source {
  private final Backend backend;
  private final CompileOptions options;
  private final Request request;
  private final int requests;
  private final int inFlight;
  private Executable executable;

  ModelSource(Backend backend, CompileOptions options, Request request, int requests, int inFlight) {
    this.backend = backend;
    this.options = options.withShapes(request.shapes());
    this.request = request;
    this.requests = requests;
    this.inFlight = inFlight;
    executable = backend.compile(request.model().graph(), this.options);
  }

  @Override
  public Load open() {
    return requests == 1 ? Load.of(bind()) : team().load(requests);
  }

  /** Bounds on threads of their own, as many as are in flight. */
  Team team() {
    List<Bound> bounds = new ArrayList<>();
    try {
      for (int i = 0; i < inFlight; i++) bounds.add(bind());
      return new Team(bounds);
    } catch (RuntimeException e) {
      bounds.forEach(Bound::close);
      throw e;
    }
  }

  private Bound bind() {
    Bound bound = executable.bind();
    try {
      for (Map.Entry<String, Tensor> input : request.inputs().entrySet()) bound.set(input.getKey(), input.getValue());
      return bound;
    } catch (RuntimeException e) {
      bound.close();
      throw e;
    }
  }

  @Override
  public void renew() {
    executable.close();
    executable = backend.compile(request.model().graph(), options);
  }

  @Override
  public void close() {
    executable.close();
  }
}
