package dev.dwindle.backend;

import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The buffers of one request in flight: used by one thread at a time, again and again; once closed, every method but
 * close throws {@link IllegalStateException}.
 */
public interface Bound extends AutoCloseable {
  /** Copies a value to an input for the runs that follow; a new shape is compiled once and cached. */
  void set(String input, Tensor value);

  /** Makes an output the next run's input, without leaving the device. The first run reads what was {@link #set}. */
  void carry(String output, String input);

  /**
   * Runs the graph; returns when the device is done. Answers an interrupt between nodes with a {@link java.util.concurrent.CancellationException}.
   *
   * @throws NodeRefusedException where the device sees only now, by the shapes, that it does not run a node
   */
  void run();

  /** The outputs of the last run, in the graph's order: views that are valid until the next run or close. */
  Map<String, Tensor> outputs();

  /** Times of the last run's nodes; empty where the device cannot tell or profiling was not asked for. */
  List<NodeTime> profile();

  @Override
  void close();
}
