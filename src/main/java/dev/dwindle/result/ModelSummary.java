package dev.dwindle.result;

import java.util.List;
import java.util.Map;

/**
 * What is in a model file.
 *
 * @param opsets operator set versions by domain
 * @param inputs name and type of each input, such as {@code float[batch,3,32,32]}
 * @param operators how often each operator stands there, subgraphs included
 * @param parameters elements of all constants
 * @param bytesByType bytes of constants by element type
 * @param unsupported nodes (by label) that the device does not run, with the reason
 * @param notes what a reader should know: already quantized, foreign domains, external data
 */
public record ModelSummary(
    ModelFile file,
    Map<String, Integer> opsets,
    Map<String, String> inputs,
    Map<String, String> outputs,
    Map<String, Integer> operators,
    long parameters,
    Map<String, Long> bytesByType,
    Map<String, String> unsupported,
    List<String> notes,
    Map<String, String> metadata) {}
