package dev.dwindle.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Result records as JSON: field names are the records' own, units stand in their documentation. JSON has no numbers that
 * are not finite: they are null, and a null is read back as NaN where a number must stand.
 */
public final class JsonReport {
  private static final ObjectMapper MAPPER = JsonMapper.builder()
      .enable(SerializationFeature.INDENT_OUTPUT)
      .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .addModule(finiteNumbers())
      .build();

  private JsonReport() {}

  private static SimpleModule finiteNumbers() {
    JsonSerializer<Double> writer = new JsonSerializer<>() {
      @Override
      public void serialize(Double value, JsonGenerator json, SerializerProvider provider) throws IOException {
        if (Double.isFinite(value)) json.writeNumber(value);
        else
          json.writeNull();
      }
    };
    JsonDeserializer<Double> reader = new JsonDeserializer<>() {
      @Override
      public Double deserialize(JsonParser json, DeserializationContext context) throws IOException {
        return json.getDoubleValue();
      }

      @Override
      public Double getNullValue(DeserializationContext context) {
        return Double.NaN;
      }
    };
    return new SimpleModule().addSerializer(double.class, writer).addSerializer(Double.class, writer)
        .addDeserializer(double.class, reader);
  }

  /** Any record, or a map of them, as a text that ends in a line break. */
  public static String of(Object record) {
    try {
      return MAPPER.writeValueAsString(record) + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any record on one line, without a break at its end. */
  public static String line(Object record) {
    try {
      return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(record);
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
