package dev.dwindle.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Result records as JSON: field names are the records' own, units stand in their documentation. */
public final class JsonReport {
  private static final ObjectMapper MAPPER = JsonMapper.builder()
      .enable(SerializationFeature.INDENT_OUTPUT)
      .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)

      .build();

  private JsonReport() {}

  /** Any record, or a map of them, as a text that ends in a line break. */
  public static String of(Object record) {
    try {
      return MAPPER.writeValueAsString(record) + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a record back.
   *
   * @param source its name in errors
   */
  public static <T> T read(String source, String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (IOException e) {
      throw new InvalidInputException(
          source + ": not a report of this program (" + e.getMessage().lines().findFirst().orElse("") + ")", e);
    }
  }
}
