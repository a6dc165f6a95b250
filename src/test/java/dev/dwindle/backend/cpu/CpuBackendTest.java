package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;

class CpuBackendTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new CpuBackend();
  }
}
