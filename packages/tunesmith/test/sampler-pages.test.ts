import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createSampler, samplerNames } from "@tunesmith/core";
import { describe, expect, test } from "vitest";

const folder = new URL("../../../docs/samplers/", import.meta.url);
const headings = ["What for, and when not", "Where it comes from", "Options", "Its behaviour", "Departures", "Cost", "Measured"];

/** Which samplers a page is about; `manual` has nothing to say beyond its row in docs/samplers.md. */
const samplersByPage: Readonly<Record<string, readonly string[]>> = {
  "auto.md": ["auto"],
  "cma-es.md": ["cma-es"],
  "gp.md": ["gp"],
  "grid.md": ["grid"],
  "nsga.md": ["nsga2", "nsga3"],
  "qmc.md": ["qmc"],
  "random.md": ["random"],
  "tpe.md": ["tpe"],
};

function textOf(page: string): string {
  return readFileSync(new URL(page, folder), "utf8");
}

/** Names and defaults in the page's table of options. */
function optionsOf(page: string): Record<string, unknown> {
  const rows = textOf(page).matchAll(/^\| `([a-z_]+)` \| `([^`]+)` \| [^|]+ \| [^|]+ \|$/gm);
  return Object.fromEntries([...rows].map(([, name, value]) => [name, JSON.parse(value)]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

describe("the pages of docs/samplers", () => {
  test("there is one for every sampler but manual", () => {
    const pages = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");
    expect(pages.sort()).toEqual(Object.keys(samplersByPage));
    expect(Object.values(samplersByPage).flat().concat("manual").sort()).toEqual([...samplerNames].sort());
  });

  test.each(Object.keys(samplersByPage))("%s has the headings of all, in their order, on at most 90 lines", (page) => {
    const lines = textOf(page).split("\n");
    expect(lines.filter((line) => line.startsWith("## "))).toEqual(headings.map((heading) => `## ${heading}`));
    expect(lines.length).toBeLessThanOrEqual(90);
  });

  test.each(Object.entries(samplersByPage))("%s lists the options that are read, with their defaults", (page, samplers) => {
    const known = Object.assign({}, ...samplers.map((name) => createSampler(name).options));
    const expected = Object.fromEntries(Object.entries(known).map(([name, value]) => [snakeCase(name), value]));
    expect(optionsOf(page)).toEqual(expected);
  });

  test.each([...Object.keys(samplersByPage), "README.md"])("%s links to files that are there", (page) => {
    const targets = [...textOf(page).matchAll(/\]\(([^)#]+)|^\[[^\]]+\]: ([^#\s]+)/gm)].map(
      ([, inline, below]) => inline ?? below,
    );
    const files = targets.filter((target) => !target.startsWith("https://"));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(new URL(file, folder)))).toEqual([]);
  });
});
