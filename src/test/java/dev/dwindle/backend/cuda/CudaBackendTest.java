package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import org.junit.jupiter.api.Tag;

/** The backend over an emulated GPU, whose threads run in ascending order. */
@Tag("compiler")
class CudaBackendTest extends BackendContract {
  private static final Device DEVICE = EmulatedDevice.of(false);

  @Override
  protected Backend backend() {
    return new CudaBackend("cuda:0", DEVICE);
  }
}
