package dev.dwindle.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Bound;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TeamTest {
  private static List<Bound> bounds(int count) {
    return IntStream.range(0, count).mapToObj(i -> new FakeClock().bound(() -> 1)).toList();
  }

  @Test
  void eachRequestIsServedOnceAndEachBoundByOneThread() {
    AtomicIntegerArray served = new AtomicIntegerArray(10_000);
    Map<Bound, Thread> threads = new ConcurrentHashMap<>();
    try (Team team = new Team(bounds(4))) {
      team.serve(served.length(), (bound, request) -> {
        served.incrementAndGet(request);
        Thread first = threads.putIfAbsent(bound, Thread.currentThread());
        assertTrue(first == null || first == Thread.currentThread());
      });
    }
    assertTrue(IntStream.range(0, served.length()).allMatch(i -> served.get(i) == 1));
  }

  @Test
  void aFailureEndsAllAndIsThrown() {
    try (Team team = new Team(bounds(3))) {
      assertEquals("request 5",
          assertThrows(IllegalStateException.class, () -> team.serve(100_000, (bound, request) -> {
            if (request == 5) throw new IllegalStateException("request 5");
          })).getMessage());
    }
  }
}
