package dev.dwindle.measure;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.measure.LatencyComparison.Request;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.ServerRate;
import dev.dwindle.result.Tail;
import dev.dwindle.result.Timing;
import java.util.ArrayList;
import java.util.List;

/** Models as servers, each with a search for the highest rate of arrivals that keeps a bound on latency; trials take turns. */
public final class ServerComparison {
  /**
   * What is asked for.
   *
   * @param percent of requests that must keep the bound
   * @param trialSeconds least time of one trial
   * @param mostSeconds of all trials of a search
   * @param seed of the first trial's arrivals; each further trial has arrivals of its own
   * @param inFlight requests that are served at the same time
   */
  public record Plan(double percent, double boundMillis, double trialSeconds, double mostSeconds, long seed,
      int inFlight) {}

  /** One model's rate and its latencies at that rate; nothing of these where no rate held. */
  public record Served(ServerRate rate, Timing timing, Tail tail, WarmUp.Outcome warmUp) {}

  /** Requests for each server by which its capacity is measured. */
  private static final int BURST = 4;

  private final Backend backend;
  private final CompileOptions options;
  private final Plan plan;

  public ServerComparison(Backend backend, CompileOptions options, Plan plan) {
    this.backend = backend;
    this.options = options;
    this.plan = plan;
  }

  /** Searches and measures. */
  public List<Served> measure(List<Request> requests, Progress progress) {
    List<ModelSource> sources = new ArrayList<>();
    List<Team> teams = new ArrayList<>();
    try {
      for (Request request : requests) {
        sources.add(new ModelSource(backend, options, request, 1, plan.inFlight()));
        teams.add(sources.getLast().team());
      }
      return measure(Clock.SYSTEM, plan, teams, progress);
    } finally {
      teams.forEach(Team::close);
      sources.forEach(ModelSource::close);
    }
  }

  static List<Served> measure(Clock clock, Plan plan, List<Team> teams, Progress progress) {
    progress.begin("warm-up", 0);
    int burst = BURST * plan.inFlight();
    WarmUp.Outcome warmUp = WarmUp.of(clock, teams.stream().map(team -> team.load(burst)).toList());
    List<ServerTrials> all = new ArrayList<>();
    for (Team team : teams) {
      all.add(new ServerTrials(clock, plan, team, burst * 1e3 / warmUp.millis()[all.size()]));
    }
    progress.begin("server", 0);
    for (List<ServerTrials> going = List.copyOf(all); !going.isEmpty();) {
      going = going.stream().filter(ServerTrials::step).toList();
      progress.advance(1);
    }
    progress.end();
    return all.stream().map(trials -> served(trials, warmUp, burst)).toList();
  }

  private static Served served(ServerTrials trials, WarmUp.Outcome warmUp, int burst) {
    ServerRate rate = trials.result();
    double[] millis = trials.millis();
    if (millis.length == 0) return new Served(rate, null, null, warmUp);
    int blockLength = Runs.blockLength(millis.length);
    return new Served(rate, LatencyFigures.timing(millis, blockLength, warmUp.runs() * burst),
        LatencyFigures.tail(millis, blockLength, rate.percent()), warmUp);
  }
}
