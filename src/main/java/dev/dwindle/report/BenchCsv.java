package dev.dwindle.report;

import dev.dwindle.result.BenchResult;
import dev.dwindle.result.BenchResult.Entry;
import dev.dwindle.result.Estimate;
import dev.dwindle.result.Tail;
import dev.dwindle.result.Timing;
import java.util.LinkedHashMap;
import java.util.Map;

/** Speeds as a table (RFC 4180) with one line for each model; units stand in the names of columns, what there is not is empty. */
public final class BenchCsv {
  private BenchCsv() {}

  /** The table, its lines ending as the standard says. */
  public static String of(BenchResult result) {
    StringBuilder csv = new StringBuilder();
    for (Entry entry : result.models()) {
      Map<String, Object> row = row(result, entry);
      if (csv.isEmpty()) csv.append(line(row.keySet()));
      csv.append(line(row.values()));
    }
    return csv.toString();
  }

  private static Map<String, Object> row(BenchResult result, Entry entry) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("model", entry.model());
    row.put("shapes", entry.shapes());
    row.put("device", result.device());
    row.put("precision", result.precision());
    row.put("threads", result.threads());
    row.put("scenario", result.setting().scenario());
    row.put("samples", result.setting().samples());
    row.put("in_flight", result.setting().inFlight());
    row.put("batch", result.setting().batch());
    row.put("seed", result.setting().seed());
    timing(row, entry.timing());
    tail(row, result.setting().percent(), entry.tail());
    estimate(row, "throughput_per_s", entry.throughput());
    estimate(row, "speedup", entry.versus() == null ? null : entry.versus().speedup());
    row.put("p_value", entry.versus() == null ? null : entry.versus().pValue());
    row.put("verdict", entry.versus() == null ? null : entry.versus().verdict());
    row.put("server_rate_per_s", entry.server() == null ? null : entry.server().rate());
    row.put("server_failed_per_s", entry.server() == null ? null : entry.server().failed());
    row.put("server_bound_ms", result.setting().boundMillis());
    estimate(row, "energy_j", entry.joules());
    row.put("others_cores", result.use().others().value());
    row.put("warnings", result.warnings().size());
    return row;
  }

  private static void timing(Map<String, Object> row, Timing timing) {
    row.put("runs", timing == null ? null : timing.runs());
    estimate(row, "median_ms", timing == null ? null : timing.median());
    row.put("p90_ms", timing == null ? null : timing.p90());
    row.put("p99_ms", timing == null ? null : timing.p99());
    row.put("min_ms", timing == null ? null : timing.min());
    row.put("variation", timing == null ? null : timing.variation());
  }

  private static void tail(Map<String, Object> row, double percent, Tail tail) {
    row.put("percentile", percent);
    estimate(row, "percentile_ms", tail == null ? null : tail.latency());
    row.put("percentile_at_most_ms", tail == null ? null : tail.atMost());
  }

  private static void estimate(Map<String, Object> row, String name, Estimate estimate) {
    row.put(name, estimate == null ? null : estimate.value());
    row.put(name + "_low", estimate == null ? null : estimate.low());
    row.put(name + "_high", estimate == null ? null : estimate.high());
  }

  private static String line(Iterable<?> cells) {
    StringBuilder line = new StringBuilder();
    for (Object cell : cells) line.append(line.isEmpty() ? "" : ",").append(quoted(cell));
    return line.append("\r\n").toString();
  }

  private static String quoted(Object cell) {
    String text = cell == null || cell instanceof Double d && !Double.isFinite(d) ? "" : cell.toString();
    return text.matches("[^\",\\r\\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
