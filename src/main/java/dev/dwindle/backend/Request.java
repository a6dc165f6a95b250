package dev.dwindle.backend;

import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** The buffers of a compiled graph for one combination of input shapes: what a {@link RequestBound} runs in. */
public interface Request extends AutoCloseable {
  /** Copies a value of the input's shape to its buffer. */
  void set(String input, Tensor value);

  /** A view of an input's buffer. */
  Tensor input(String name);

  /** Runs the graph; returns when the device is done. */
  void run();

  /** Views of the outputs of the last run, in the graph's order. */
  Map<String, Tensor> outputs();

  /** Times of the last run's steps; empty where they are not measured. */
  List<NodeTime> profile();

  /** Bytes of the buffers. */
  long bytes();

  @Override
  void close();
}
