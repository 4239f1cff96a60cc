// Serves this folder, and core's build under /core/, to this computer only:  node serve.mjs [port]
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const core = join(here, "..", "..", "packages", "core", "dist");
const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".map": "application/json",
};

/** The file behind an address, or null where there is none: nothing outside the two folders is ever read. */
async function fileOf(pathname) {
  const [folder, rest] = pathname.startsWith("/core/") ? [core, pathname.slice(6)] : [here, pathname.slice(1) || "index.html"];
  const file = await realpath(join(folder, rest)).catch(() => null);
  if (file === null || !file.startsWith((await realpath(folder)) + sep) || !Object.hasOwn(types, extname(file))) return null;
  return (await stat(file)).isFile() ? file : null;
}

const server = createServer(async ({ method, url }, response) => {
  let file = null;
  try {
    if (method === "GET" || method === "HEAD") file = await fileOf(decodeURIComponent(new URL(url, "http://localhost").pathname));
  } catch (error) {
    if (!(error instanceof URIError || error instanceof TypeError)) throw error;
  }
  if (file === null) return response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
  response.writeHead(200, { "content-type": types[extname(file)], "cache-control": "no-cache" });
  if (method === "HEAD") return response.end();
  createReadStream(file).pipe(response);
});

server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
