package dev.dwindle.fuzz;

import dev.dwindle.fuzz.Mutations.Mutant;
import dev.dwindle.report.JsonReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of all mutants. */
final class Tally {
  static final Limits LIMITS = new Limits(10, 32 << 20, 128 << 20);

  private final Map<String, Map<String, Long>> ends = new TreeMap<>();
  private final Map<String, List<String>> flaws = new TreeMap<>();
  private long count;
  private long slowest;
  private double readRatio;
  private double allRatio;
  private String worstRead;
  private String worstAll;

  synchronized void add(long number, Mutant mutant, Outcome outcome) {
    count++;
    ends.computeIfAbsent(mutant.mutation(), m -> new TreeMap<>()).merge(outcome.end(), 1L, Long::sum);
    slowest = Math.max(slowest, outcome.nanos());
    int length = Math.max(1, mutant.bytes().length);
    String told = "mutant " + number + " (" + mutant.seed() + ", " + mutant.mutation() + ", " + length + " bytes)";
    double read = Math.max(0, outcome.read() - LIMITS.reading()) / (double) length;
    if (worstRead == null || read > readRatio) {
      readRatio = read;
      worstRead = told + " " + outcome.read();
    }
    double all = Math.max(0, outcome.all() - LIMITS.all()) / (double) length;
    if (worstAll == null || all > allRatio) {
      allRatio = all;
      worstAll = told + " " + outcome.all();
    }
    if (outcome.flaw() != null) {
      List<String> same = flaws.computeIfAbsent(outcome.flaw().replaceAll("(\\): |: \\d|took \\d).*", "$1"),
          f -> new ArrayList<>());
      if (same.size() < 3) {
        same.add(told + ": " + outcome.flaw());
      } else {
        same.set(2, "and more");
      }
    }
  }

  Map<String, List<String>> flaws() {
    return flaws;
  }

  String json(int seeds, double seconds) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("mutants", count);
    result.put("seeds", seeds);
    result.put("seconds", seconds);
    result.put("flaws", flaws);
    result.put("outcomes", ends);
    return JsonReport.of(result);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    ends.forEach((mutation, counts) -> text.append(mutation).append(": ").append(counts).append('\n'));
    text.append("slowest ").append(slowest / 1_000_000).append(" ms; read ratio ").append(readRatio).append(' ')
        .append(worstRead).append("; all ratio ").append(allRatio).append(' ').append(worstAll).append('\n');
    flaws.forEach((flaw, examples) -> text.append(flaw).append("\n    ").append(String.join("\n    ", examples))
        .append('\n'));
    return text.toString();
  }
}
