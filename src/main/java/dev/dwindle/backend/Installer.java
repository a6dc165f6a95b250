package dev.dwindle.backend;

import java.nio.file.Path;
import java.util.function.Consumer;

/** Fetches what a backend needs and what is not part of the program, into the user's cache. */
public interface Installer {
  /** The name by which a user asks for it. */
  String name();

  /**
   * Installs it whole or not at all; does nothing where it is there and undamaged.
   *
   * @param archive a file that was fetched before; null to fetch it now
   * @param say takes a line on each step
   * @throws dev.dwindle.tensor.DeviceUnavailableException where this machine lacks a tool or the network
   * @throws dev.dwindle.tensor.InvalidInputException where the archive is another than the expected one, or a folder takes no files
   */
  void install(Path archive, Consumer<String> say);
}
