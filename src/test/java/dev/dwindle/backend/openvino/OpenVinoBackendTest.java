package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** An {@link OpenVinoBackend} with the CPU behind it, as users get it. */
@Tag("openvino")
class OpenVinoBackendTest extends BackendContract {
  /** Erf is a polynomial; integers are scaled before the zero point is taken off; weights of rows and columns are rounded. */
  private static final Map<String, Double> SLACK = Map.of("Erf", 1e-6, "DequantizeLinear", 2e-6, "Resize", 4e-6);

  @Override
  protected Backend backend() {
    return InstalledOpenVino.cpu();
  }

  @Override
  protected double slack(String operator) {
    return SLACK.getOrDefault(operator, 0.0);
  }
}
