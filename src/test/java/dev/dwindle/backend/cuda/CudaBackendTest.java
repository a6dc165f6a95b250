package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import org.junit.jupiter.api.Tag;

/** The backend over the driver that stands in for NVIDIA's, on whose GPU threads run in ascending order. */
@Tag("compiler")
class CudaBackendTest extends BackendContract {
  private static final Device DEVICE = StandIn.make().open(0);

  @Override
  protected Backend backend() {
    return new CudaBackend("cuda:0", DEVICE);
  }
}
