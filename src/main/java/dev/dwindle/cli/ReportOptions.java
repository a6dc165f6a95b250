package dev.dwindle.cli;

import dev.dwindle.report.JsonReport;
import dev.dwindle.report.TextReport;
import dev.dwindle.result.Gate;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.OutputFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How a result is told: on the terminal and as a file. */
final class ReportOptions {
  @Option(names = "--json", description = "Prints the result as JSON and nothing else.")
  boolean json;

  @Option(names = "--report", paramLabel = "FILE", description = "Where the JSON report goes (default: beside the output, FILE.report.json).")
  Path report;

  @Option(names = "--no-report", description = "Writes no report file.")
  boolean noReport;

  /** Prints and writes the result; returns the exit code that its gates ask for. */
  int tell(JobResult result, Path beside, PrintWriter out) {
    Path file = noReport ? null : report != null ? report : beside == null ? null : Path.of(beside + ".report.json");
    if (file != null) OutputFile.write(file, JsonReport.of(result));
    out.print(json ? JsonReport.of(result) : TextReport.of(result));
    if (!json && file != null) out.println("report: " + file);
    boolean held = result.gates().stream().allMatch(g -> g.outcome() == Gate.Outcome.PASSED);
    return held && !result.verdict().startsWith("FAILED") ? ExitCode.DONE : ExitCode.GATE;
  }
}
