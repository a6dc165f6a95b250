package dev.dwindle.report.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * A whole HTML document with style and script inside. Its policy lets nothing be loaded and only these two run: a name that got
 * past the escaping would still be dead text.
 */
final class Page {
  private Page() {}

  static String of(String title, Element body) {
    String style = resource("report.css");
    String script = resource("report.js");
    String policy = "default-src 'none'; img-src data:; style-src '" + hash(style) + "'; script-src '" + hash(script)
        + "'";
    Element head = Element.of("head", "", Element.of("meta", "").with("charset", "utf-8"),
        Element.of("meta", "").with("http-equiv", "Content-Security-Policy").with("content", policy),
        Element.of("meta", "").with("name", "viewport").with("content", "width=device-width, initial-scale=1"),
        Element.of("meta", "").with("name", "color-scheme").with("content", "light dark"),
        Element.of("link", "").with("rel", "icon").with("href", "data:,"), Element.of("title", "", title),
        Element.verbatim("style", style));
    Element html = Element.of("html", "", head,
        Element.of("body", "", body, Element.verbatim("script", script))).with("lang", "en");
    return "<!doctype html>\n" + html + "\n";
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream("/dev/dwindle/report/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
