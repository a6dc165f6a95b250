package dev.dwindle.data;

import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Image files in a fixed order, each with a label or none: of a folder, of one folder a class, or of a CSV file. */
final class ImageList implements Source {
  /** One image; its label may be null. */
  record Item(Path file, Tensor label) {}

  private final List<Item> items;
  private final boolean labelled;

  ImageList(List<Item> items) {
    this.items = List.copyOf(items);
    this.labelled = items.stream().allMatch(item -> item.label() != null);
  }

  /** {@code images: FOLDER}: its image files by name, without labels. */
  static Source images(Yaml settings, Places places) {
    List<Item> items = new ArrayList<>();
    for (Path file : entries(places.directory(settings))) {
      if (Files.isRegularFile(file) && ImageFile.isNamedLikeOne(file)) {
        items.add(new Item(file, null));
      }
    }
    return new ImageList(requireSome(items, settings));
  }

  /**
   * {@code folders: FOLDER}: one folder a class, sorted by name. The label is the class's place among the classes.
   *
   * @param classes the classes' names; where empty, the folders' names
   */
  static Source folders(Yaml settings, Places places, List<String> classes) {
    List<Path> folders = entries(places.directory(settings)).stream().filter(Files::isDirectory).toList();
    List<String> names = classes.isEmpty() ? folders.stream().map(f -> f.getFileName().toString()).toList() : classes;
    Map<String, Integer> index = new HashMap<>();
    names.forEach(name -> index.put(name, index.size()));
    List<Item> items = new ArrayList<>();
    for (Path folder : folders) {
      Integer label = index.get(folder.getFileName().toString());
      if (label == null) {
        throw settings.error("found folder " + folder + ", expected a name among the " + names.size() + " classes");
      }
      for (Path file : entries(folder)) {
        if (Files.isRegularFile(file) && ImageFile.isNamedLikeOne(file)) {
          items.add(new Item(file, Tensor.scalar((long) label)));
        }
      }
    }
    return new ImageList(requireSome(items, settings));
  }

  private static List<Item> requireSome(List<Item> items, Yaml settings) {
    if (items.isEmpty()) {
      throw settings.error("found no image files there, expected at least one .png, .jpg, .bmp or .gif");
    }
    return items;
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException e) {
      throw Places.unreadable(folder, e);
    }
  }

  @Override
  public long count() {
    return items.size();
  }

  @Override
  public Set<String> fields() {
    return labelled ? Set.of("image", "label") : Set.of("image");
  }

  @Override
  public Rows open() {
    return new Rows() {
      private int index;

      @Override
      public Row next() {
        Item item = items.get(index++);
        Supplier<Field> image = () -> ImageFile.read(item.file());
        Map<String, Supplier<Field>> fields = labelled
            ? Map.of("image", image, "label", () -> new Field.Numbers(item.label()))
            : Map.of("image", image);
        return new Row(item.file().toString(), fields);
      }

      @Override
      public void close() {}
    };
  }
}
