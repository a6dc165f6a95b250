package dev.dwindle.result;

import java.util.List;
import java.util.Map;

/**
 * What a pass did.
 *
 * @param pass its name
 * @param summary one line for the report, such as {@code 21 of 23 layers quantized}
 * @param changed nodes that were changed (by label), with what was done to each
 * @param skipped nodes that were left alone (by label), each with the reason
 * @param figures further figures in the order in which they are shown; the report shows {@code warning} as one
 * @param curves what went on in training; none of other passes
 */
public record PassResult(
    String pass, String summary, Map<String, String> changed, Map<String, String> skipped,
    Map<String, String> figures, List<Curve> curves) {
  public PassResult {
    curves = curves == null ? List.of() : List.copyOf(curves);
  }

  /** Of a pass that does not train. */
  public PassResult(String pass, String summary, Map<String, String> changed, Map<String, String> skipped,
      Map<String, String> figures) {
    this(pass, summary, changed, skipped, figures, List.of());
  }

  public static PassResult of(String pass, String summary) {
    return new PassResult(pass, summary, Map.of(), Map.of(), Map.of());
  }
}
