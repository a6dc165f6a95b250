package dev.dwindle.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A headless Chromium with one page, driven over the Chrome DevTools protocol; it keeps whatever the page complains of. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SECONDS = 120;

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  /**
   * Starts Chromium.
   *
   * @param profile an empty folder
   */
  Browser(Path profile) throws Exception {
    process = new ProcessBuilder(System.getProperty("dwindle.browser", "/usr/bin/chromium"), "--headless",
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--hide-scrollbars", "--no-first-run", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank")
        .redirectErrorStream(true).redirectOutput(profile.resolve("chromium.log").toFile()).start();
    int port = port(profile.resolve("DevToolsActivePort"));
    socket = client.newWebSocketBuilder().buildAsync(page(port), new Messages()).get(SECONDS, TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Runtime", "Log")) call(domain + ".enable", Map.of());
  }

  private int port(Path file) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() > 1) return Integer.parseInt(lines.getFirst());
      Thread.sleep(50);
    }
    throw new AssertionError("Chromium told no port: " + Files.readString(file.resolveSibling("chromium.log")));
  }

  private static URI page(int port) throws Exception {
    try (var in = URI.create("http://127.0.0.1:" + port + "/json/list").toURL().openStream()) {
      for (JsonNode target : JSON.readTree(in)) {
        if (target.path("type").asText().equals("page")) return URI.create(target.get("webSocketDebuggerUrl").asText());
      }
    }
    throw new AssertionError("Chromium has no page");
  }

  /** Opens a file in a window of this width, in this colour scheme, and waits until it is loaded. */
  void open(Path file, int width, String scheme) throws Exception {
    call("Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
    call("Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    loaded = new CompletableFuture<>();
    call("Page.navigate", Map.of("url", file.toUri().toString()));
    loaded.get(SECONDS, TimeUnit.SECONDS);
  }

  /** The value of a JavaScript expression. */
  JsonNode evaluate(String expression) throws Exception {
    JsonNode answer = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
    if (answer.has("exceptionDetails")) throw new AssertionError(expression + ": " + answer);
    return answer.path("result").path("value");
  }

  /** Writes a picture of the whole page, or of its upper part. */
  void screenshot(Path file, int width, int mostHeight) throws Exception {
    int height = Math.min(mostHeight,
        evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)").asInt());
    Map<String, Object> clip = Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1);
    JsonNode picture = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip));
    Files.write(file, Base64.getDecoder().decode(picture.get("data").asText()));
  }

  /** Errors and warnings since the browser began: exceptions, console output, what the page's policy refused. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  JsonNode call(String method, Map<String, Object> parameters) throws Exception {
    int id = calls.incrementAndGet();
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    socket.sendText(message.toString(), true);
    return answer.get(SECONDS, TimeUnit.SECONDS);
  }

  private void take(String text) {
    JsonNode message;
    try {
      message = JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
    if (message.has("id")) {
      JsonNode error = message.get("error");
      if (error == null) waiting.remove(message.get("id").asInt()).complete(message.get("result"));
      else
        waiting.remove(message.get("id").asInt()).completeExceptionally(new AssertionError(error.toString()));
      return;
    }
    switch (message.path("method").asText()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" -> complaints.add(text);
      default -> {
        // what else happens on a page is of no interest
      }
    }
  }

  @Override
  public void close() {
    socket.abort();
    client.close();
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    process.destroy();
    all.forEach(ProcessHandle::destroy);
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
  }

  /** Messages of the browser, put together again where they came in parts. */
  private final class Messages implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      parts.append(data);
      if (last) {
        take(parts.toString());
        parts.setLength(0);
      }
      from.request(1);
      return null;
    }
  }
}
