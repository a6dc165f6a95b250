package dev.dwindle.measure;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** A clock that only stands still or jumps, and requests that take as long by it as they are told. */
final class FakeClock implements Clock {
  private long now = 1_000_000_000L;

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void await(long nanos) {
    now = Math.max(now, nanos);
  }

  void pass(long nanos) {
    now += nanos;
  }

  /** A request of which each run takes the next of these times. */
  Bound bound(LongSupplier nanos) {
    return new Bound() {
      @Override
      public void set(String input, Tensor value) {}

      @Override
      public void carry(String output, String input) {}

      @Override
      public void run() {
        pass(nanos.getAsLong());
      }

      @Override
      public Map<String, Tensor> outputs() {
        return Map.of();
      }

      @Override
      public List<NodeTime> profile() {
        return List.of();
      }

      @Override
      public void close() {}
    };
  }
}
