package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import org.junit.jupiter.api.Tag;

/** The backend over an emulated GPU, whose last thread and last block come first. */
@Tag("compiler")
class ReversedCudaBackendTest extends BackendContract {
  private static final Device DEVICE = EmulatedDevice.of(true);

  @Override
  protected Backend backend() {
    return new CudaBackend("cuda:0", DEVICE);
  }
}
