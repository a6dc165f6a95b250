package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** Reading ahead changes neither the order of samples nor where an error comes. */
class ReadAheadTest {
  /** Samples that can be told apart, made one by one; the one numbered {@code failing} cannot be made. */
  private static final class Made implements ReadAhead.Reader {
    private final List<Sample> samples = new ArrayList<>();
    private final Throwable failure;
    private final int failing;
    private volatile int made;
    private volatile int closed;
    private volatile Thread last;

    Made(int count, int failing, Throwable failure) {
      for (int i = 0; i < count; i++) {
        samples.add(new Sample(Map.of(), null, i == 0));
      }
      this.failing = failing;
      this.failure = failure;
    }

    @Override
    public boolean hasNext() {
      return made < samples.size();
    }

    @Override
    public Sample next() {
      last = Thread.currentThread();
      int i = made++;
      if (i == failing) {
        if (failure instanceof Error error) throw error;
        throw (RuntimeException) failure;
      }
      return samples.get(i);
    }

    @Override
    public void close() {
      closed++;
    }

    ReadAhead ahead() {
      return new ReadAhead(this, samples.size());
    }
  }

  @Test
  void keepsTheOrder() {
    Made made = new Made(50, -1, null);
    try (ReadAhead ahead = made.ahead()) {
      for (Sample sample : made.samples) {
        assertTrue(ahead.hasNext());
        assertSame(sample, ahead.next());
      }
      assertFalse(ahead.hasNext());
      assertThrows(NoSuchElementException.class, ahead::next);
    }
    assertEquals(1, made.closed);
  }

  @Test
  void makesTheFirstSampleForTheCallerAlone() {
    Made made = new Made(50, -1, null);
    try (ReadAhead ahead = made.ahead()) {
      ahead.next();
      assertSame(Thread.currentThread(), made.last);
      assertEquals(1, made.made);
    }
    assertEquals(1, made.closed);
  }

  @Test
  void throwsWhereTheSampleWouldHaveCome() {
    for (Throwable failure : new Throwable[] {new InvalidInputException("row 7: broken"),
        new OutOfMemoryError("no heap")}) {
      Made made = new Made(50, 7, failure);
      try (ReadAhead ahead = made.ahead()) {
        for (int i = 0; i < 7; i++) {
          assertSame(made.samples.get(i), ahead.next());
        }
        assertSame(failure, assertThrows(Throwable.class, ahead::next));
        assertFalse(ahead.hasNext());
      }
      assertEquals(1, made.closed);
    }
  }

  @Test
  void readsOnlyAFewAheadAndEndsWhenClosed() {
    Made made = new Made(1000, -1, null);
    try (ReadAhead ahead = made.ahead()) {
      for (int i = 0; i < 10; i++) {
        ahead.next();
      }
    }
    assertTrue(made.made < 20, "made " + made.made + " samples for 10 that were asked for");
    assertFalse(made.last.isAlive());
    assertEquals(1, made.closed);
  }
}
