package dev.dwindle.result;

import java.util.Map;

/**
 * What a pass did.
 *
 * @param pass its name
 * @param summary one line for the report, such as {@code 21 of 23 layers quantized}
 * @param changed nodes that were changed (by label), with what was done to each
 * @param skipped nodes that were left alone (by label), each with the reason
 * @param figures further figures in the order in which they are shown; the report shows {@code warning} as one
 */
public record PassResult(
    String pass, String summary, Map<String, String> changed, Map<String, String> skipped,
    Map<String, String> figures) {
  public static PassResult of(String pass, String summary) {
    return new PassResult(pass, summary, Map.of(), Map.of(), Map.of());
  }
}
