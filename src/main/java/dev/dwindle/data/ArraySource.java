package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Arrays that have the same number of rows, read side by side: one field each. */
final class ArraySource implements Source {
  private final Map<String, ArrayFile> arrays;
  private final Set<String> images;
  private final long count;

  /**
   * @param arrays by field name
   * @param images the fields that are images
   */
  ArraySource(Map<String, ArrayFile> arrays, Set<String> images) {
    this.arrays = new LinkedHashMap<>(arrays);
    this.images = Set.copyOf(images);
    ArrayFile first = this.arrays.values().iterator().next();
    this.count = first.rows();
    for (ArrayFile array : this.arrays.values()) {
      if (array.rows() != count) {
        throw new InvalidInputException(
            array.where() + ": found " + array.rows() + " rows, expected " + count + " as in " + first.where());
      }
    }
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public Set<String> fields() {
    return arrays.keySet();
  }

  @Override
  public Rows open() throws IOException {
    Map<String, InputStream> streams = new LinkedHashMap<>();
    try {
      for (var array : arrays.entrySet()) {
        streams.put(array.getKey(), array.getValue().opener().open());
      }
    } catch (IOException | RuntimeException e) {
      close(streams.values());
      throw e;
    }
    return new ArrayRows(streams);
  }

  private static void close(Iterable<InputStream> streams) throws IOException {
    for (InputStream stream : streams) {
      stream.close();
    }
  }

  private final class ArrayRows implements Rows {
    private final Map<String, InputStream> streams;
    private long index;

    ArrayRows(Map<String, InputStream> streams) {
      this.streams = streams;
    }

    @Override
    public Row next() throws IOException {
      Map<String, Supplier<Field>> fields = new LinkedHashMap<>();
      List<String> where = new ArrayList<>();
      for (var entry : arrays.entrySet()) {
        ArrayFile array = entry.getValue();
        String place = array.where() + " row " + index;
        where.add(place);
        Field field = new Field.Numbers(read(array, streams.get(entry.getKey()), place));
        fields.put(entry.getKey(), images.contains(entry.getKey()) ? () -> field.pixels(place) : () -> field);
      }
      index++;
      return new Row(where.getFirst(), fields);
    }

    private Tensor read(ArrayFile array, InputStream stream, String place) {
      try {
        return array.next(stream);
      } catch (IOException e) {
        throw Places.unreadable(place, e);
      }
    }

    @Override
    public void close() throws IOException {
      ArraySource.close(streams.values());
    }
  }
}
