package dev.dwindle.report.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.report.SampleBench;
import dev.dwindle.report.SampleResult;
import dev.dwindle.result.BenchResult;
import dev.dwindle.result.JobResult;
import dev.dwindle.result.LayerFidelity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens reports in headless Chromium; pictures of them stay in target/report. */
@Tag("browser")
class BrowserTest {
  private static final List<Integer> WIDTHS = List.of(390, 1280);
  private static final String OVERFLOW = """
      [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 0.5
          && !e.closest('.unseen, thead, caption')).map(e => e.tagName + '.' + e.getAttribute('class')).slice(0, 5).join()""";
  /** Every text whose contrast with what lies behind it is below WCAG's AA (4.5; 3 where it is large). */
  private static final String FAINT = """
      (() => {
        const rgb = c => (c.match(/[\\d.]+/g) || []).map(Number);
        const light = c => rgb(c).slice(0, 3).map(v => v / 255)
          .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
          .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = e => { for (; e; e = e.parentElement) {
          const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] !== 0) return c; } return 'rgb(255,255,255)'; };
        const faint = [];
        for (const e of document.querySelectorAll('body *')) {
          const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
          if (!own || e.closest('script, style, title, desc') || !e.getClientRects().length) continue;
          const style = getComputedStyle(e);
          const ink = e.ownerSVGElement ? style.fill : style.color;
          const [a, b] = [light(ink), light(behind(e))].sort((x, y) => y - x);
          const ratio = (a + 0.05) / (b + 0.05);
          if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) faint.push(e.tagName + '.' + e.getAttribute('class') + ' ' + ratio.toFixed(2));
        }
        return [...new Set(faint)].join();
      })()""";

  @TempDir
  static Path folder;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    browser = new Browser(Files.createDirectories(folder.resolve("profile")));
    Files.createDirectories(Path.of("target", "report"));
  }

  @AfterAll
  static void stop() {
    if (browser != null) browser.close();
  }

  private static JobResult layered(int count, String name) {
    List<LayerFidelity> layers = IntStream.range(0, count)
        .mapToObj(i -> SampleResult.layer(name + i, 20 + i % 30, 0.1)).toList();
    return SampleResult.with(SampleResult.complete().original(), SampleResult.complete().compressed(), layers);
  }

  private static Map<String, BenchResult> benches() {
    return Map.of("bench", SampleBench.single(), "bench-many", SampleBench.many(), "bench-server", SampleBench.server(),
        "bench-few", SampleBench.tooFew(), "bench-offline", SampleBench.offline());
  }

  private static Map<String, JobResult> results() {
    Map<String, JobResult> results = new TreeMap<>();
    results.put("complete", SampleResult.complete());
    results.put("devices", SampleResult.onTwoDevices());
    results.put("unmeasured", SampleResult.unmeasured());
    results.put("hostile", layered(30, "</script><img src=x onerror=alert(1)>\" onload='alert(1)' " + "w".repeat(300)));
    results.put("layers", layered(400, "/encoder/layer.11/attention/output/dense/MatMul_"));
    return results;
  }

  private static Path page(String name, JobResult result) throws Exception {
    return Files.writeString(folder.resolve(name + ".html"), HtmlReport.of(result));
  }

  @Test
  void pagesFitTheirWindowReadWellAndComplainOfNothing() throws Exception {
    Map<String, Path> pages = new TreeMap<>();
    for (Map.Entry<String, JobResult> entry : results().entrySet()) {
      pages.put(entry.getKey(), page(entry.getKey(), entry.getValue()));
    }
    for (Map.Entry<String, BenchResult> entry : benches().entrySet()) {
      pages.put(entry.getKey(),
          Files.writeString(folder.resolve(entry.getKey() + ".html"), BenchPage.of(entry.getValue())));
    }
    for (Map.Entry<String, Path> entry : pages.entrySet()) {
      Path file = entry.getValue();
      for (int width : WIDTHS) {
        for (String scheme : List.of("light", "dark")) {
          browser.open(file, width, scheme);
          String which = entry.getKey() + "-" + width + "-" + scheme;
          browser.screenshot(Path.of("target", "report", which + ".png"), width, 4000);
          assertEquals(width, browser.evaluate("document.documentElement.scrollWidth").asInt(), which);
          assertEquals("", browser.evaluate(OVERFLOW).asText(), which);
          assertEquals("", browser.evaluate(FAINT).asText(), which);
        }
      }
    }
    assertEquals(List.of(), browser.complaints());
  }

  @Test
  void namesInModelsStayText() throws Exception {
    browser.open(page("hostile", results().get("hostile")), 1280, "light");
    assertEquals(0, browser.evaluate("document.images.length").asInt());
    assertEquals(1, browser.evaluate("document.scripts.length").asInt());
    assertTrue(browser.evaluate("document.querySelector('.layers .name').textContent").asText()
        .startsWith("</script><img src=x onerror=alert(1)>\""));
  }

  @Test
  void layersAreSortedShortenedAndFiltered() throws Exception {
    browser.open(page("layers", results().get("layers")), 1280, "light");
    String shown = "[...document.querySelectorAll('.layers tbody tr')].filter(r => r.getClientRects().length).length";
    assertEquals(25, browser.evaluate(shown).asInt());
    browser.evaluate("document.querySelector('.all').click()");
    assertEquals(400, browser.evaluate(shown).asInt());
    browser.evaluate("document.querySelector('th.output-sqnr button').click()");
    assertEquals("ascending", browser.evaluate("document.querySelector('th.output-sqnr').ariaSort").asText());
    assertEquals("20.0\u00a0dB",
        browser.evaluate("document.querySelector('.layers tbody tr').cells[4].textContent").asText());
    browser.evaluate("document.querySelector('.controls input').value = 'matmul_39'");
    browser.evaluate("document.querySelector('.controls input').dispatchEvent(new Event('input'))");
    assertEquals(11, browser.evaluate(shown).asInt());
    assertEquals("11 of 400 layers", browser.evaluate("document.querySelector('.count').textContent").asText());
  }
}
