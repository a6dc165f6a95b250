package dev.dwindle.backend.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkersTest {
  @Test
  void runsEachPieceOnce() {
    for (int threads : new int[] {1, 2, 5}) {
      try (Workers workers = new Workers(threads)) {
        for (int round = 0; round < 2_000; round++) {
          int count = round % 37;
          AtomicIntegerArray runs = new AtomicIntegerArray(count);
          workers.run(count, (piece, local) -> runs.incrementAndGet(piece));
          for (int i = 0; i < count; i++) {
            assertEquals(1, runs.get(i), "piece " + i + " of " + count + " on " + threads);
          }
        }
      }
    }
  }

  @Test
  void throwsWhatAPieceThrewAndGoesOn() {
    try (Workers workers = new Workers(3)) {
      IllegalStateException thrown = new IllegalStateException("piece 5");
      Workers.Task failing = (piece, local) -> {
        if (piece == 5) {
          throw thrown;
        }
      };
      assertSame(thrown, assertThrows(IllegalStateException.class, () -> workers.run(20, failing)));
      AtomicIntegerArray runs = new AtomicIntegerArray(20);
      workers.run(20, (piece, local) -> runs.incrementAndGet(piece));
      for (int i = 0; i < 20; i++) {
        assertEquals(1, runs.get(i));
      }
    }
  }

  @Test
  void givesEachThreadTheScratchThatWasReserved() {
    try (Workers workers = new Workers(2)) {
      workers.reserve(100);
      workers.reserve(10);
      workers.run(8, (piece, local) -> assertEquals(100, local.length));
    }
  }

  @Test
  void refusesWorkAfterClose() {
    Workers workers = new Workers(2);
    workers.close();
    workers.close();
    assertThrows(IllegalStateException.class, () -> workers.run(2, (piece, local) -> {}));
  }
}
