package dev.dwindle.cli;

import dev.dwindle.report.JsonReport;
import dev.dwindle.report.TextReport;
import dev.dwindle.report.html.HtmlReport;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** How a result is told: on the terminal, and as files. */
final class ReportOptions {
  private static final String PAGE = ".html";
  private static final String RECORD = ".json";

  private final Argument<Boolean> json;
  private final Argument<List<Path>> reports;
  private final Argument<Boolean> noReport;

  ReportOptions(Options options) {
    json = options.flag("--json", "Prints the result as JSON and nothing else.");
    reports = options.list("--report", "FILE", Path.class,
        "A report file: a page where it ends in .html, the record behind it where it ends in .json; may be given for both (default: OUT.report.html and OUT.report.json beside the output).");
    noReport = options.flag("--no-report", "Writes no report file.");
  }

  /** Whether the result is printed as JSON, and nothing else is printed. */
  boolean json() {
    return json.get();
  }

  /**
   * The report files that will be written.
   *
   * @param beside the output, or null where there is none: then only what was asked for is written
   * @param others files that must not be written over
   * @throws InvalidInputException where one is neither a page nor a record, or its folder cannot be written to
   */
  List<Path> files(Path beside, Path... others) {
    reports.get().forEach(file -> require(file, others));
    if (noReport.get()) return List.of();
    return !reports.get().isEmpty() || beside == null ? reports.get()
        : List.of(Path.of(beside + ".report" + PAGE), Path.of(beside + ".report" + RECORD));
  }

  /** A report file that is a page or a record, and none of these others. */
  static void require(Path file, Path... others) {
    if (!isPage(file) && !file.toString().endsWith(RECORD)) {
      throw new InvalidInputException("--report " + file + ": expected a name that ends in .html or .json");
    }
    OutputFolder.require(file, others);
  }

  static boolean isPage(Path file) {
    return file.toString().endsWith(PAGE);
  }

  /** Prints and writes the result; returns the exit code that its gates ask for. */
  int tell(JobResult result, List<Path> files, PrintWriter out) {
    for (Path file : files) {
      OutputFile.write(file, isPage(file) ? HtmlReport.of(result) : JsonReport.of(result));
    }
    out.print(json() ? JsonReport.of(result) : TextReport.of(result));
    if (!json()) files.forEach(file -> out.println("report: " + file));
    boolean held = result.gates().stream().allMatch(g -> g.outcome() == Gate.Outcome.PASSED);
    return held && !result.verdict().startsWith("FAILED") ? ExitCode.DONE : ExitCode.GATE;
  }
}
