package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A table of text with a header line, values between commas (tabs in a {@code .tsv} file), quotes as in RFC 4180 but
 * without line breaks between them.
 *
 * @param file where it stands
 * @param rows the values by column, in order, with the number of the line
 */
record Csv(Path file, List<Line> rows) {
  /** One line of the table. */
  record Line(int number, Map<String, String> values) {}

  /**
   * {@code csv: {file: FILE, folder: FOLDER, path: COLUMN, label: COLUMN, where: {COLUMN: VALUE}}}: image files that a
   * table names, with their labels: whole numbers, numbers or names of classes.
   */
  static Source source(Yaml settings, Places places, List<String> classes) {
    Map<String, Yaml> keys = settings.mapping(Set.of("file", "folder", "path", "label", "where"));
    if (!keys.containsKey("file")) {
      throw settings.error("found no key 'file', expected the CSV file");
    }
    Csv table = read(places.file(keys.get("file")));
    Path folder = keys.containsKey("folder") ? places.directory(keys.get("folder"))
        : table.file().toAbsolutePath().getParent();
    String path = column(table, keys.get("path"), "file");
    String label = keys.containsKey("label") || table.has("label") ? column(table, keys.get("label"), "label") : null;
    Map<String, Yaml> where = keys.containsKey("where") ? keys.get("where").mapping() : Map.of();
    where.forEach((name, value) -> table.require(name, value));
    List<Line> chosen = table.rows.stream()
        .filter(
            line -> where.entrySet().stream().allMatch(w -> w.getValue().text().equals(line.values().get(w.getKey()))))
        .toList();
    if (chosen.isEmpty()) {
      throw settings
          .error("found no matching rows in " + table.file + " (" + table.rows.size() + " in all), expected some");
    }
    boolean whole = label != null
        && chosen.stream()
            .allMatch(l -> classes.contains(l.values().get(label)) || l.values().get(label).matches("[+-]?\\d{1,18}"));
    List<ImageList.Item> items = new ArrayList<>();
    for (Line line : chosen) {
      Path file = folder.resolve(line.values().get(path)).normalize();
      if (!Files.isRegularFile(file)) {
        throw table.error(line, "found no file " + file + ", expected an image");
      }
      items.add(new ImageList.Item(file, label == null ? null : table.label(line, label, classes, whole)));
    }
    return new ImageList(items);
  }

  private static String column(Csv table, Yaml name, String standard) {
    String column = name == null ? standard : name.text();
    table.require(column, name);
    return column;
  }

  private boolean has(String column) {
    return rows.getFirst().values().containsKey(column);
  }

  private void require(String column, Yaml asked) {
    if (!has(column)) {
      String what = "found columns " + rows.getFirst().values().keySet() + " in " + file + ", expected '" + column
          + "' too";
      throw asked == null ? new InvalidInputException(what) : asked.error(what);
    }
  }

  private Tensor label(Line line, String column, List<String> classes, boolean whole) {
    String text = line.values().get(column);
    if (classes.contains(text)) {
      return Tensor.scalar((long) classes.indexOf(text));
    }
    try {
      return whole ? Tensor.scalar(Long.parseLong(text)) : Tensor.scalar(Float.parseFloat(text));
    } catch (NumberFormatException e) {
      throw error(line, "found label '" + text + "', expected a number or the name of a class");
    }
  }

  private InvalidInputException error(Line line, String what) {
    return new InvalidInputException(file + ":" + line.number() + ": " + what);
  }

  static Csv read(Path file) {
    char separator = file.toString().endsWith(".tsv") ? '\t' : ',';
    List<Line> rows = new ArrayList<>();
    List<String> names = null;
    int number = 0;
    for (String text : Places.lines(file)) {
      number++;
      List<String> values = split(number == 1 && text.startsWith("\ufeff") ? text.substring(1) : text, separator);
      if (names == null) {
        names = values;
      } else if (!text.isBlank()) {
        rows.add(new Line(number, row(file, number, names, values)));
      }
    }
    if (rows.isEmpty()) {
      throw new InvalidInputException(file + ": found no rows, expected a header line and at least one more");
    }
    return new Csv(file, rows);
  }

  private static Map<String, String> row(Path file, int number, List<String> names, List<String> values) {
    if (values.size() != names.size()) {
      throw new InvalidInputException(
          file + ":" + number + ": found " + values.size() + " values, expected " + names.size() + " as in the header");
    }
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      row.put(names.get(i), values.get(i));
    }
    return row;
  }

  /** Splits a line; two quotes within quotes stand for one. */
  static List<String> split(String line, char separator) {
    List<String> values = new ArrayList<>();
    StringBuilder value = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        value.append(c);
        i++;
      } else if (c == '"' && (quoted || value.isEmpty())) {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        values.add(value.toString());
        value.setLength(0);
      } else {
        value.append(c);
      }
    }
    values.add(value.toString());
    return values;
  }
}
