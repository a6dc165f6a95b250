package dev.dwindle.pass;

import java.util.HashMap;
import java.util.Map;

/**
 * What passes found and need again when a recipe is tried with other settings on the same graph, such as statistics of
 * activations. Whoever tries gives all tries one memory; otherwise nothing is kept.
 */
public final class Memory {
  /** Keeps nothing. */
  public static final Memory NONE = new Memory(null);

  private final Map<String, Object> findings;

  private Memory(Map<String, Object> findings) {
    this.findings = findings;
  }

  /** An empty memory for tries on one graph. */
  public static Memory fresh() {
    return new Memory(new HashMap<>());
  }

  /** What was kept under this key, or null. */
  public <T> T find(String key, Class<T> type) {
    return findings == null ? null : type.cast(findings.get(key));
  }

  /** Keeps a finding in the place of any other under this key. */
  public void keep(String key, Object finding) {
    if (findings != null) findings.put(key, finding);
  }
}
