package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Installer;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.InvalidInputException;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Fetches OpenVINO's wheel through pip, checks and unpacks it, and builds the library by which Java calls it. */
public final class OpenVinoInstaller implements Installer {
  private static final String WHAT = "openvino " + Release.VERSION;

  /** A program of JavaCPP's, run as one. */
  private static final String BUILDER = "org.bytedeco.javacpp.tools.Builder";

  @Override
  public String name() {
    return "openvino";
  }

  @Override
  public void install(Path archive, Consumer<String> say) {
    Path folder = Release.folder();
    try {
      String damage = Manifest.isIn(folder) ? Manifest.of(folder).deepDamage() : "";
      if (damage == null) {
        say.accept(WHAT + " is there already, undamaged: " + folder);
        return;
      }
      if (!damage.isEmpty()) say.accept(WHAT + " is damaged (" + damage + "): installing it again");
      make(folder, archive, say);
    } catch (IOException e) {
      if (Thread.interrupted()) throw new CancellationException("interrupted");
      throw new InvalidInputException(folder + ": cannot be written: " + OutputFile.reason(e), e);
    }
  }

  private static void make(Path folder, Path archive, Consumer<String> say) throws IOException {
    if (Release.unfit() != null) throw new DeviceUnavailableException("install openvino: " + Release.unfit());
    Tool.require("g++", "builds the bindings; install a C++ compiler (Debian: apt-get install g++)");
    try (PartFolder part = new PartFolder(folder)) {
      Path wheel = archive == null ? fetch(part.path(), say) : archive.toAbsolutePath();
      Wheel.requirePinned(wheel);
      say.accept("unpacking " + wheel.getFileName() + ", whose SHA-256 is the expected one");
      Wheel.unpack(wheel, part.path());
      if (archive == null) Files.delete(wheel);
      say.accept("building the bindings with g++");
      build(part.path());
      Manifest.write(part.path());
      int files = Manifest.of(part.path()).size();
      part.moveIntoPlace();
      say.accept("installed " + WHAT + ": " + files + " files in " + folder);
    }
  }

  private static Path fetch(Path folder, Consumer<String> say) throws IOException {
    String other = "; fetch its wheel for CPython 3.12 on " + Release.WHEEL.get(1)
        + " elsewhere and give it by --from FILE";
    Tool.require("python3", "fetches OpenVINO from PyPI" + other);
    say.accept("fetching " + WHAT + " (59 MB) through pip");
    List<String> command = new ArrayList<>(List.of("python3", "-m", "pip", "download", "--quiet", "--no-input",
        "--disable-pip-version-check", "--retries", "2", "--no-deps", "--only-binary", ":all:", "--dest",
        folder.toString()));
    command.addAll(Release.WHEEL);
    command.add("openvino==" + Release.VERSION);
    String failure = Tool.run(folder, command);
    if (failure != null) {
      throw new DeviceUnavailableException("install openvino: pip could not fetch " + WHAT + ": " + failure + other);
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".whl")).findFirst().orElseThrow(
          () -> new DeviceUnavailableException("install openvino: pip fetched no wheel" + other));
    }
  }

  /** Lets JavaCPP write the C++ side of the declarations, and g++ compile it, linked against the library without its version. */
  private static void build(Path folder) throws IOException {
    Path libraries = Release.libraries(folder);
    Path link = Files.createDirectory(folder.resolve("link"));
    Path unversioned = link.resolve("libopenvino_c.so");
    Files.createSymbolicLink(unversioned, libraries.resolve("libopenvino_c.so.2641"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String own = jar(OpenVinoInstaller.class.getName());
    String failure = Tool.run(folder, List.of(java, "-cp", jar(BUILDER) + File.pathSeparator + own, BUILDER,
        "-classpath", own, "-Dplatform.includepath=" + folder.resolve("openvino/include"), "-Xcompiler", "-L" + link,
        "-d", libraries.toString(), "org.bytedeco.openvino.presets.openvino_c",
        "org.bytedeco.openvino.global.openvino_c", "org.bytedeco.openvino.*"));
    if (failure != null || !Files.exists(Release.bindings(folder))) {
      throw new DeviceUnavailableException("install openvino: the bindings could not be built: "
          + (failure == null ? "no library was made" : failure));
    }
    Files.delete(unversioned);
    Files.delete(link);
  }

  /** Where a class of the program was loaded from. */
  private static String jar(String name) {
    try {
      Class<?> type = Class.forName(name, false, OpenVinoInstaller.class.getClassLoader());
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (ReflectiveOperationException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
