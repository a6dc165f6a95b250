package dev.dwindle.data;

import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Some rows of a source as samples: every {@code step}-th from {@code start} on, {@code rows} of them, each run once
 * for every entry of {@code runs}.
 *
 * @param label the field with the right answer, or null
 * @param classes how many classes there are, 0 where unknown
 */
record Part(
    Source source, long start, long step, long rows, List<Map<String, InputRule>> runs, String label, long classes,
    Map<String, String> carried) implements Samples {
  @Override
  public long count() {
    return rows * runs.size();
  }

  @Override
  public int perRow() {
    return runs.size();
  }

  @Override
  public Stream<Sample> stream() {
    ReadAhead samples = new ReadAhead(new SampleIterator(), count());
    Spliterator<Sample> ordered = Spliterators.spliterator(
        samples, count(), Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE);
    return StreamSupport.stream(ordered, false).onClose(samples::close);
  }

  /** Of whole rows, still a part. */
  @Override
  public Samples limit(long most) {
    if (most >= count()) return this;
    return most % runs.size() != 0 ? Samples.super.limit(most)
        : new Part(source, start, step, most / runs.size(), runs, label, classes, carried);
  }

  @Override
  public Samples half(boolean second) {
    long firsts = (rows + 1) / 2;
    long own = second ? rows - firsts : firsts;
    boolean sequence = source.isSequence() || !carried.isEmpty();
    long from = !second ? start : start + (sequence ? firsts * step : step);
    return new Part(source, from, sequence ? step : 2 * step, own, runs, label, classes, carried);
  }

  private final class SampleIterator implements ReadAhead.Reader {
    private Source.Rows open;
    private long read;
    private long given;
    private Row row;
    private Tensor answer;

    @Override
    public boolean hasNext() {
      return given < count();
    }

    @Override
    public Sample next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int run = (int) (given % runs.size());
      try {
        if (run == 0) {
          advance(start + given / runs.size() * step);
        }
      } catch (IOException e) {
        throw Places.unreadable(row == null ? "data set" : row.where(), e);
      }
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      runs.get(run).forEach((name, rule) -> inputs.put(name, rule.make(row)));
      boolean first = given == 0 || row.first();
      given++;
      if (!hasNext()) {
        close();
      }
      return new Sample(inputs, answer, first);
    }

    private void advance(long index) throws IOException {
      if (open == null) {
        open = source.open();
      }
      for (; read <= index; read++) {
        row = open.next();
      }
      answer = label == null ? null : answer();
    }

    private Tensor answer() {
      Tensor tensor = row.field(label).numbers();
      Tensor plain = Cast.label(tensor);
      if (classes > 0 && plain.size() == 1) {
        double index = Cast.doubles(plain)[0];
        if (index < 0 || index >= classes) {
          throw new InvalidInputException(
              row.where() + ": found label " + (long) index + ", expected 0 to " + (classes - 1)
                  + " as there are classes");
        }
      }
      return plain;
    }

    @Override
    public void close() {
      if (open == null) {
        return;
      }
      try {
        open.close();
      } catch (IOException e) {
        throw Places.unreadable("data set", e);
      }
    }
  }
}
