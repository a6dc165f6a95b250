package dev.dwindle.measure;

import dev.dwindle.measure.Server.Trial;
import dev.dwindle.measure.ServerComparison.Plan;
import dev.dwindle.result.ServerRate;
import java.util.Locale;

/** The trials of one model as a server: a search for its highest rate, then the measurement of that rate, one trial at a time. */
final class ServerTrials {
  private static final int MOST_REPEATS = 10;
  private static final double STEP_DOWN = 0.95;

  private final Clock clock;
  private final Plan plan;
  private final Server server;
  private final double capacity;
  private final RateSearch search;
  private double seconds;
  private double candidate;
  private int trials;
  private int repeats;
  private Trial last;
  private String remark = "";

  /** @param requestsPerSecond what the team does without a pause */
  ServerTrials(Clock clock, Plan plan, Team team, double requestsPerSecond) {
    this.clock = clock;
    this.plan = plan;
    server = new Server(clock, team, plan.boundMillis());
    capacity = requestsPerSecond;
    search = new RateSearch(capacity);
  }

  /** Makes one trial; returns whether another one is to follow. */
  boolean step() {
    long needed = Binomial.needed(plan.percent(), 0);
    if (needed / capacity > plan.mostSeconds()) {
      remark = String.format(Locale.ROOT,
          "P%s takes at least %,d requests, which last %.0f s at most %.2f a second, more than the %.0f s allowed",
          plain(plan.percent()), needed, needed / capacity, capacity, plan.mostSeconds());
      return false;
    }
    if (!search.isDone() && seconds < plan.mostSeconds()) {
      search.tell(trial(search.next(), plan.trialSeconds()));
      candidate = search.held();
      return true;
    }
    return candidate > 0 ? repeat() : giveUp();
  }

  private boolean repeat() {
    if (trial(candidate, 2 * plan.trialSeconds())) return false;
    candidate *= STEP_DOWN;
    repeats++;
    return repeats < MOST_REPEATS || giveUp();
  }

  private boolean giveUp() {
    candidate = 0;
    remark = String.format(Locale.ROOT, "no rate kept P%s within %s ms", plain(plan.percent()),
        plain(plan.boundMillis()));
    return false;
  }

  private boolean trial(double rate, double atLeastSeconds) {
    int requests = (int) Math.max(Binomial.needed(plan.percent(), 0), Math.ceil(rate * atLeastSeconds));
    long start = clock.nanos();
    last = server.serve(rate, requests, plan.seed() + trials, Binomial.allowed(plan.percent(), requests));
    seconds += (clock.nanos() - start) / 1e9;
    trials++;
    return last.whole();
  }

  /** Latencies of the last measurement in milliseconds, in the order of arrival; none where no rate held. */
  double[] millis() {
    return candidate == 0 || last == null ? new double[0] : last.millis();
  }

  ServerRate result() {
    return new ServerRate(candidate, search.failed(), capacity, plan.boundMillis(), plan.percent(), millis().length,
        candidate == 0 ? 0 : last.slower(), trials, remark);
  }

  /** A number without needless decimals. */
  private static String plain(double number) {
    return number == Math.rint(number) ? String.format(Locale.ROOT, "%.0f", number) : Double.toString(number);
  }
}
