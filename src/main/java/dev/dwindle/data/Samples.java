package dev.dwindle.data;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Samples in a fixed order, read one at a time: memory does not grow with their number. */
public interface Samples {
  /** How many there are: runs of the model, of which a pair of sentences has two. */
  long count();

  /** The samples from the first one on; to be closed after use. Each call begins anew. */
  Stream<Sample> stream();

  /** How many that follow each other are of one row of the data, such as the two sentences of a pair. */
  default int perRow() {
    return 1;
  }

  /** Outputs that become inputs of the next run: input name by output name; empty for most models. */
  default Map<String, String> carried() {
    return Map.of();
  }

  /** The first of these samples, so many at most. */
  default Samples limit(long most) {
    Samples all = this;
    return new Samples() {
      @Override
      public long count() {
        return Math.min(most, all.count());
      }

      @Override
      public Stream<Sample> stream() {
        return all.stream().limit(most);
      }

      @Override
      public int perRow() {
        return all.perRow();
      }

      @Override
      public Map<String, String> carried() {
        return all.carried();
      }
    };
  }

  /** Those of these samples whose row, from 0 on, is wanted. */
  default Samples where(LongPredicate wanted) {
    Samples all = this;
    long count = LongStream.range(0, count()).filter(place -> wanted.test(place / all.perRow())).count();
    return new Samples() {
      @Override
      public long count() {
        return count;
      }

      @Override
      public Stream<Sample> stream() {
        AtomicLong place = new AtomicLong();
        return all.stream().sequential().filter(sample -> wanted.test(place.getAndIncrement() / all.perRow()));
      }

      @Override
      public int perRow() {
        return all.perRow();
      }

      @Override
      public Map<String, String> carried() {
        return all.carried();
      }
    };
  }

  /**
   * One of two halves that share no row of the data: the rows in turn, or where runs belong to a sequence its beginning and its end. To
   * choose on one half and to report on the other is what keeps a choice from praising itself.
   */
  default Samples half(boolean second) {
    long firsts = Math.ceilDiv(Math.ceilDiv(count(), perRow()), 2);
    return where(carried().isEmpty() ? row -> row % 2 == 1 == second : row -> row >= firsts == second);
  }

  /** No samples. */
  static Samples none() {
    return of(List.of());
  }

  /** Samples that are already in memory. */
  static Samples of(List<Sample> samples) {
    List<Sample> copy = List.copyOf(samples);
    return new Samples() {
      @Override
      public long count() {
        return copy.size();
      }

      @Override
      public Stream<Sample> stream() {
        return copy.stream();
      }

      @Override
      public Samples half(boolean second) {
        return of(IntStream.range(0, copy.size()).filter(i -> (i % 2 == 1) == second).mapToObj(copy::get).toList());
      }
    };
  }
}
