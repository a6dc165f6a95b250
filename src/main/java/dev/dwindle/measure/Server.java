package dev.dwindle.measure;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests that arrive by themselves and are served in their order by whatever bound is free. Latency counts from the moment at which a request
 * was to arrive: one that waits because the requests before it were slow is slow itself.
 */
final class Server {
  /**
   * One trial at one rate.
   *
   * @param millis latencies of the requests that were served, in the order of their arrival
   * @param slower how many took longer than the bound
   * @param whole whether all requests were served: a trial ends early once more are slower than may be
   */
  record Trial(double rate, double[] millis, long slower, boolean whole) {}

  private final Clock clock;
  private final Team team;
  private final double boundMillis;

  Server(Clock clock, Team team, double boundMillis) {
    this.clock = clock;
    this.team = team;
    this.boundMillis = boundMillis;
  }

  /**
   * Serves requests that arrive at this rate.
   *
   * @param allowed how many may be slower than the bound
   */
  Trial serve(double rate, int requests, long seed, long allowed) {
    long[] arrivals = Arrivals.poisson(rate, requests, seed);
    double[] millis = new double[requests];
    Arrays.fill(millis, Double.NaN);
    AtomicLong slower = new AtomicLong();
    long start = clock.nanos();
    team.serve(requests, (bound, request) -> {
      if (slower.get() > allowed) return;
      clock.await(start + arrivals[request]);
      bound.run();
      millis[request] = (clock.nanos() - start - arrivals[request]) / 1e6;
      if (millis[request] > boundMillis) slower.incrementAndGet();
    });
    return new Trial(rate, Arrays.stream(millis).filter(m -> !Double.isNaN(m)).toArray(), slower.get(),
        slower.get() <= allowed);
  }
}
