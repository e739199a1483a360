// Looks at pages in headless Chromium, each light and dark, wide and narrow, and prints what is wrong with them as JSON: [{page, what}].
// Usage: node check.mjs CHROMIUM PAGE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

const [chromium, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// The pages are written by a program: long lines and trailing blanks are nobody's burden. Everything else of the recommended rules holds.
const validator = new HtmlValidate(
  new StaticConfigLoader({ root: true, extends: ["html-validate:recommended"], rules: { "long-title": "error", "no-trailing-whitespace": "off" } }),
);
const SIZES = [
  { width: 1100, height: 900, scheme: "light" },
  { width: 400, height: 800, scheme: "dark" },
];

const found = [];
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
try {
  for (const path of pages) {
    const wrong = (what) => found.push({ page: path, what });
    const checked = await validator.validateFile(path);
    for (const result of checked.results) {
      for (const m of result.messages.filter((m) => m.severity === 2)) wrong(`html ${m.line}:${m.column} ${m.ruleId}: ${m.message}`);
    }
    for (const { width, height, scheme } of SIZES) {
      const page = await browser.newPage();
      const url = pathToFileURL(path).href;
      page.on("console", (m) => wrong(`console: ${m.text()}`));
      page.on("pageerror", (e) => wrong(`script: ${e.message}`));
      page.on("dialog", async (d) => { wrong(`dialog: ${d.message()}`); await d.dismiss(); });
      page.on("request", (r) => { if (r.url() !== url) wrong(`network: ${r.url()}`); });
      await page.setViewport({ width, height });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(url, { waitUntil: "load" });
      const seen = await page.evaluate(() => ({
        heading: document.querySelector("h1")?.textContent ?? "",
        main: document.querySelector("main")?.getBoundingClientRect().height ?? 0,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        charts: [...document.querySelectorAll("svg.chart")].map((s) => s.getBoundingClientRect().height),
        // Texts of a chart that leave it.
        outside: [...document.querySelectorAll("svg.chart")].flatMap((s) => {
          const all = s.getBoundingClientRect();
          return [...s.querySelectorAll("text")]
            .filter((t) => { const b = t.getBoundingClientRect(); return b.left < all.left - 1 || b.right > all.right + 1 || b.bottom > all.bottom + 1; })
            .map((t) => t.textContent);
        }),
        pwned: typeof window.pwned,
        buttons: [...document.querySelectorAll("button.copy")].filter((b) => b.hidden).length,
      }));
      if (!seen.heading || seen.main < 100) wrong(`not rendered: ${JSON.stringify(seen)}`);
      if (seen.overflow > 0) wrong(`at ${width} px it is ${seen.overflow} px too wide`);
      if (seen.charts.some((h) => h < 50)) wrong(`a chart has no height: ${seen.charts}`);
      for (const text of seen.outside) wrong(`outside of its chart: ${text}`);
      if (seen.pwned !== "undefined") wrong("a script from a log ran");
      if (seen.buttons > 0) wrong(`${seen.buttons} buttons stayed hidden: the page's script did not run`);
      await page.evaluate(axe);
      const audit = await page.evaluate(() => axe.run());
      for (const v of audit.violations.filter((v) => ["serious", "critical"].includes(v.impact))) {
        wrong(`axe (${scheme}, ${width} px) ${v.id}: ${v.help}: ${v.nodes[0].html.slice(0, 200)}`);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(found, null, 1) + "\n");
