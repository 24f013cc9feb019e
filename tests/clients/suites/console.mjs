// The console in a real browser: it signs in, runs recipes, and asks nobody but this server.
// With CAIRN_SCREENSHOTS=folder, pictures of its panels are left there.
import assert from "node:assert/strict";
import { join } from "node:path";
import { findBrowser, withPage } from "../browser.mjs";

export const needsServer = true;

const PERSON = { email: "coordinator@demo.example", label: /^Coordinator/ };

async function picture(page, name) {
  const folder = process.env.CAIRN_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `console-${name}.png`) });
}

const panel = (page, name) => page.getByRole("heading", { level: 2, name, exact: true });

/** The answer that is on the screen, once there is one. */
async function answer(page) {
  const result = page.locator(".result-window .view-lines");
  await page.waitForFunction(
    () => document.querySelector(".result-window .view-lines")?.textContent.includes("{"),
  );
  // The editor draws spaces as U+00A0.
  return (await result.innerText()).replaceAll("\u00a0", " ");
}

async function openPanel(page, title, heading = title) {
  await page.locator(".graphiql-sidebar").getByRole("button", { name: new RegExp(`${title}$`) }).click();
  await panel(page, heading).waitFor();
}

export default async function ({ check, cairn }) {
  if (!findBrowser()) {
    console.log("skipped console: no Chromium is installed (set CAIRN_CHROMIUM to its path)");
    return;
  }
  let missing = "it is not served";
  let reading;
  await check("console: the page and its recipes are served", async () => {
    const home = await fetch(`${cairn.base}/graphiql`);
    const text = await home.text();
    missing = home.status === 404 && text.trim();
    if (missing) return;
    assert.equal(home.status, 200);
    const { recipes } = await (await fetch(`${cairn.base}/console/recipes.json`)).json();
    reading = recipes.find(({ as, query }) => as === PERSON.email && query.startsWith("query"));
  });
  if (missing) {
    console.log(`skipped console: ${missing}`);
    return;
  }

  await withPage(new URL(cairn.base).origin, async (page, seen) => {
    await check("console: opens with its sign-in panel", async () => {
      await page.goto(`${cairn.base}/graphiql`);
      await panel(page, "Sign in").waitFor();
      await page.getByRole("button", { name: /Execute/ }).waitFor();
      await picture(page, "sign-in");
    });
    await check("console: says what is wrong with a password", async () => {
      await page.getByLabel("E-mail").fill(PERSON.email);
      await page.getByLabel("Password").fill("not the password at all");
      await page.getByRole("button", { name: "Sign in", exact: true }).last().click();
      await page.locator(".cairn-fault").getByText(/\w+/).waitFor();
    });
    await check("console: a demo person signs in with one click", async () => {
      await page.getByRole("button", { name: PERSON.label }).click();
      await panel(page, "You").waitFor();
      await page.getByText(PERSON.email).first().waitFor();
      await picture(page, "you");
    });
    await check("console: a recipe runs and its answer is not empty", async () => {
      assert.ok(reading, "no recipe reads as the coordinator");
      await openPanel(page, "Recipes");
      await page.getByRole("button", { name: new RegExp(`^Run.* recipe ${reading.number}:`) }).click();
      const text = await answer(page);
      assert.match(text, /"data": \{/);
      assert.doesNotMatch(text, /"errors"/);
      assert.doesNotMatch(text, /"data": \{\s*\}/);
      await picture(page, "recipe");
    });
    await check("console: the session outlives a reload, out of reach of scripts", async () => {
      await page.reload();
      await page.locator(".cairn-who").getByText(/^(?!.*not signed in).+/).waitFor();
      const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
      assert.doesNotMatch(kept, /eyJ|Bearer/, "a token is kept where scripts can read it");
    });
    await check("console: signing out ends it", async () => {
      await openPanel(page, "Sign in", "You");
      await page.getByRole("button", { name: "Sign out" }).click();
      await panel(page, "Sign in").waitFor();
      await page.reload();
      await panel(page, "Sign in").waitFor();
    });
    await check("console: nothing was asked of anybody else, and no rule was broken", async () => {
      assert.deepEqual(seen, { outside: [], violations: [], faults: [] });
    });
  });
}
