// A headless Chromium, when this machine has one, that reports every request and every broken rule of a page.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PROGRAMS = [process.env.CAIRN_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser's path, or nothing. */
export const findBrowser = () => PROGRAMS.find((path) => path && existsSync(path));

/** Without these, the browser itself looks for updates and sends reports. */
const QUIET = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Gives a page with an empty profile; `seen` collects what it did. */
export async function withPage(origin, work) {
  const profile = mkdtempSync(join(tmpdir(), "cairn-browser-"));
  // Chromium has no sandbox for the superuser.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser(),
    headless: true,
    viewport: { width: 1440, height: 900 },
    args: [...QUIET, ...asRoot],
  });
  const seen = { outside: [], violations: [], faults: [] };
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    const note = (url) => {
      if (!url.startsWith(`${origin}/`) && !url.startsWith("data:") && !url.startsWith("blob:")) seen.outside.push(url);
    };
    page.on("request", (request) => note(request.url()));
    page.on("websocket", (socket) => note(socket.url().replace(/^ws/, "http")));
    page.on("pageerror", (error) => seen.faults.push(String(error)));
    await page.exposeBinding("reportViolation", (_source, text) => seen.violations.push(text));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportViolation(`${event.violatedDirective} refused ${event.blockedURI || "inline"} (${event.sourceFile})`);
      });
    });
    return await work(page, seen);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
