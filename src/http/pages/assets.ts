import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

/** The files that a page loads. They are read when they are first asked for, and then held in memory. */
export interface Assets {
  /** Their folder, relative to the root of the site, with a slash at its end. It changes with their content. */
  base: string;
  /** By their path below that folder. */
  files: ReadonlyMap<string, Asset>;
}

interface Asset {
  type: string;
  plain: Buffer;
  gzipped: Buffer;
}

/** `npm run build` writes it. The path is the same from `src/` and from `dist/`. */
const built = fileURLToPath(new URL("../../../dist/browser/", import.meta.url));

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * Serves the built files that match these patterns, below `/<folder>/`. The function that it returns reads them; it rejects if nothing
 * is built.
 */
export function serveAssets(app: FastifyInstance, folder: string, patterns: readonly string[]): () => Promise<Assets> {
  let reading: Promise<Assets> | undefined;
  const read = () => (reading ??= readAssets(folder, patterns));
  app.get<{ Params: { hash: string; "*": string } }>(`/${folder}/:hash/*`, async (request, reply) => {
    const { base, files } = await read();
    const asset = base === `${folder}/${request.params.hash}/` ? files.get(request.params["*"]) : undefined;
    if (!asset) return reply.callNotFound();
    const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?(,|$))/.test(request.headers["accept-encoding"] ?? "");
    if (takesGzip) reply.header("content-encoding", "gzip");
    return (
      reply
        // Browsers keep the files: other content has another address.
        .headers({ "cache-control": "public, max-age=31536000, immutable", vary: "accept-encoding" })
        .type(asset.type)
        .send(takesGzip ? asset.gzipped : asset.plain)
    );
  });
  return read;
}

async function readAssets(folder: string, patterns: readonly string[]): Promise<Assets> {
  const names = globSync([...patterns], { cwd: built }).filter((name) => posix.extname(name) in types);
  if (names.length === 0) throw new Error("npm run build has not made the pages");
  const files = new Map(await Promise.all(names.toSorted().map(async (name) => [name, await load(name)] as const)));
  const hash = createHash("sha256");
  for (const [name, { plain }] of files) hash.update(`${name}\n${plain.length}\n`).update(plain);
  return { base: `${folder}/${hash.digest("hex").slice(0, 16)}/`, files };
}

async function load(name: string): Promise<Asset> {
  const read = await readFile(`${built}${name}`);
  const plain = /\.m?js$/.test(name) ? Buffer.from(withPaths(name, read.toString())) : read;
  return { type: types[posix.extname(name)] ?? "", plain, gzipped: await promisify(gzip)(plain, { level: 9 }) };
}

/** What the code imports, and the file of it that the build has copied. */
const packages: Readonly<Record<string, string>> = {
  preact: "packages/preact.mjs",
  "preact/hooks": "packages/hooks.mjs",
  "preact/jsx-runtime": "packages/jsxRuntime.mjs",
};

/** Browsers find packages by paths only: an import map would be an inline script. */
function withPaths(name: string, code: string): string {
  return code.replaceAll(/(\bfrom\s*)"([^".][^"]*)"/g, (all, from, imported) => {
    const file = packages[imported];
    if (file === undefined) return all;
    const path = posix.relative(posix.dirname(name), file);
    return `${from}"${path.startsWith(".") ? path : `./${path}`}"`;
  });
}
