package dev.dwindle.cli;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import javax.imageio.ImageIO;

/**
 * Loads what jobs may need while an archive of classes is being made of this process: the one job that is run for it meets a
 * part of the operators and kernels only, and no decoder of images (docs/decisions/019).
 */
final class Archive {
  /** The system property that is set while an archive is being made. */
  static final String MAKING = "dwindle.archive";

  private static final String SUFFIX = ".class";

  private Archive() {}

  static void load() {
    Backends.all().forEach(Backend::availability);
    try (JarFile jar = new JarFile(
        new File(Archive.class.getProtectionDomain().getCodeSource().getLocation().toURI()))) {
      List<String> names = jar.stream().map(ZipEntry::getName)
          .filter(name -> name.startsWith("dev/") && name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()).replace('/', '.')).toList();
      for (String name : names) {
        link(name);
      }
      decode("jpg");
      decode("png");
    } catch (IOException | URISyntaxException | ReflectiveOperationException e) {
      throw new IllegalStateException("classes of the program cannot be loaded", e);
    }
  }

  /** Asks for the declared methods because that links a class: what is not linked is not archived. */
  private static void link(String name) throws ClassNotFoundException {
    try {
      Class.forName(name, false, Archive.class.getClassLoader()).getDeclaredMethods();
    } catch (NoClassDefFoundError e) {
      return; // it names a library that need not be there
    }
  }

  private static void decode(String format) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), format, file);
    ImageIO.read(new ByteArrayInputStream(file.toByteArray()));
  }
}
