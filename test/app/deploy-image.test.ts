import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Copy, DockerfileParser, type Instruction, type JSONInstruction } from "dockerfile-ast";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/ports.ts";
import { nodeFlags } from "../support/process.ts";

/**
 * There may be no Docker here, so the Dockerfile's steps are carried out in empty folders, one for each stage. What npm
 * would fetch is taken from this repository's own node_modules, which `npm ci` has made of the same lock file.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const dockerfile = DockerfileParser.parse(readFileSync(join(root, "deploy/Dockerfile"), "utf8"));
const ignored = readFileSync(join(root, "deploy/Dockerfile.dockerignore"), "utf8");

const { packages: lock } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, { dev?: boolean }>;
};

interface Stage {
  /** Its file system. */
  folder: string;
  image: string;
  workdir: string;
  env: Record<string, string>;
  user: string | undefined;
  cmd: string[];
  healthcheck: string[];
}

let work: string;
let final: Stage;
/** A copy, because the image's user may not be allowed to reach this repository. */
let node: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "image-"));
  chmodSync(work, 0o755);
  final = build();
  node = join(work, "node");
  copyFileSync(process.execPath, node);
  // Whatever the umask.
  chmodSync(node, 0o755);
});
afterAll(() => {
  execFileSync("chmod", ["-R", "u+w", work]);
  rmSync(work, { recursive: true });
});

it("both stages are made of the Node that the tests run on", () => {
  const images = dockerfile.getFROMs().map((from) => from.getImage());
  const version = readFileSync(join(root, ".node-version"), "utf8").trim();
  expect(images).toEqual([`node:${version}-bookworm-slim`, `node:${version}-bookworm-slim`]);
});

it("what is copied is all that Docker may read", () => {
  const copied = dockerfile.getCOPYs().filter((copy) => copy.getFromFlag() === null);
  const sources = copied.flatMap((copy) => argumentsOf(copy).slice(0, -1));
  const allowed = ignored.split("\n").filter((line) => line.startsWith("!"));
  expect(allowed.map((line) => line.slice(1)).toSorted()).toEqual(
    sources.map((path) => path.replace("./", "")).toSorted(),
  );
  expect(ignored).toContain("\n*\n");
});

it("the image holds the service, its packages for production, and nothing else", () => {
  const app = join(final.folder, "app");
  expect(readdirSync(app).toSorted()).toEqual(["dist", "node_modules", "package.json"]);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  const isThere = (name: string) => existsSync(join(app, "node_modules", name));
  expect(Object.keys(dependencies).filter((name) => !isThere(name))).toEqual([]);
  const isForTests = (name: string) => lock[`node_modules/${name}`]?.dev === true;
  expect(Object.keys(devDependencies).filter(isForTests).filter(isThere)).toEqual([]);
  expect(isForTests("vitest")).toBe(true);
});

it("it runs Node with the flags of `npm start`", () => {
  expect(final.cmd).toEqual(["node", ...nodeFlags, "dist/main.js"]);
});

it("it starts with these alone, not as root, in folders that nobody may write to, and is healthy while it runs", async () => {
  expect(final.env).toEqual({ NODE_ENV: "production", HOST: "0.0.0.0", PORT: "4001" });
  expect(final.user).toBe("1000:1000");
  execFileSync("chmod", ["-R", "a-w,a+rX", final.folder]);
  const settings = {
    ...{ HOST: "127.0.0.1", PORT: String(await freePort()), DATABASE_URL: ":memory:" },
    ...{ AUTH: "none", CONSOLE: "true" },
  };

  expect(await exitCodeOf(run(final.healthcheck, settings))).toBe(1);
  const service = run(final.cmd, settings);
  let printed = "";
  for (const stream of [service.stdout, service.stderr]) stream?.on("data", (text) => (printed += text));
  const ended = once(service, "exit");

  await expect.poll(() => printed).toContain('"event":"listening"');
  expect(await exitCodeOf(run(final.healthcheck, settings))).toBe(0);
  const ready = await fetch(`http://127.0.0.1:${settings.PORT}/readyz`);
  expect(ready.status).toBe(200);
  const page = await fetch(`http://127.0.0.1:${settings.PORT}/console`);
  expect(page.status).toBe(200);

  service.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

/** Carries out every step, in order. The last stage is what runs. */
function build(): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction.getKeyword() === "FROM") {
      const [image = "", , name = "final"] = argumentsOf(instruction);
      const folder = join(work, name);
      mkdirSync(folder);
      stage = { folder, image, workdir: "/", env: {}, user: undefined, cmd: [], healthcheck: [] };
      stages.set(name, stage);
    } else if (stage) {
      carryOut(instruction, stage, stages);
    }
  }
  if (!stage) throw new Error("no stage");
  return stage;
}

function carryOut(instruction: Instruction, stage: Stage, stages: Map<string, Stage>): void {
  const words = argumentsOf(instruction);
  const here = join(stage.folder, stage.workdir);
  switch (instruction.getKeyword()) {
    case "WORKDIR":
      stage.workdir = words[0] ?? "";
      mkdirSync(join(stage.folder, stage.workdir), { recursive: true });
      return;
    case "ENV":
      for (const word of words) stage.env[word.slice(0, word.indexOf("="))] = word.slice(word.indexOf("=") + 1);
      return;
    case "COPY":
      copy(instruction as Copy, here, stages);
      return;
    case "RUN":
      runStep(words.join(" "), here);
      return;
    case "USER":
      stage.user = words[0];
      return;
    case "CMD":
      stage.cmd = inExecForm(instruction as JSONInstruction);
      return;
    case "HEALTHCHECK":
      stage.healthcheck = JSON.parse(/CMD (\[.*\])$/s.exec(instruction.getRawArgumentsContent() ?? "")?.[1] ?? "");
      return;
    case "EXPOSE":
      expect(words).toEqual([stage.env.PORT]);
      return;
    default:
      throw new Error(`a step that this test does not know: ${instruction.getKeyword()}`);
  }
}

/** As Docker does: of a folder its content is copied. From the repository, or from an earlier stage. */
function copy(instruction: Copy, here: string, stages: Map<string, Stage>): void {
  const words = argumentsOf(instruction).filter((word) => !word.startsWith("--"));
  const from = instruction.getFromFlag()?.getValue();
  const base = from ? (stages.get(from)?.folder ?? "") : root;
  for (const source of words.slice(0, -1)) {
    const to = words.at(-1)?.endsWith("./")
      ? join(here, source.split("/").at(-1) ?? "")
      : join(here, words.at(-1) ?? "");
    copyFolder(join(base, source), to);
  }
}

function runStep(command: string, here: string): void {
  const packages = join(here, "node_modules");
  if (command === "npm ci") {
    symlinkSync(join(root, "node_modules"), packages);
  } else if (command === "npm prune --omit=dev") {
    rmSync(packages);
    for (const path of productionPackages()) {
      mkdirSync(join(here, dirname(path)), { recursive: true });
      copyFolder(join(root, path), join(here, path));
      // The packages within it are copied by themselves, if they are wanted at all.
      rmSync(join(here, path, "node_modules"), { recursive: true, force: true });
    }
  } else {
    execFileSync("sh", ["-c", command], { cwd: here, stdio: "pipe" });
  }
}

/** Their folders, by the lock file, the outer ones first. */
function productionPackages(): string[] {
  const wanted = Object.entries(lock).filter(([path, { dev }]) => path !== "" && !dev);
  return wanted.map(([path]) => path).filter((path) => existsSync(join(root, path)));
}

/** Several times as fast as cpSync. */
function copyFolder(from: string, to: string): void {
  execFileSync("cp", ["-RP", from, to]);
}

function run([command = "", ...args]: string[], settings: Record<string, string>): ChildProcess {
  expect(command).toBe("node");
  // Only root can become somebody else.
  const [uid, gid] = (final.user ?? "").split(":").map(Number);
  const user = process.getuid?.() === 0 && uid && gid ? { uid, gid } : {};
  return spawn(node, args, {
    cwd: join(final.folder, final.workdir),
    env: { ...final.env, ...settings },
    ...user,
  });
}

async function exitCodeOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, "exit");
  return code;
}

function argumentsOf(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

/** The shell form would run a shell, which does not pass signals on. */
function inExecForm(instruction: JSONInstruction): string[] {
  expect(instruction.getOpeningBracket()).not.toBeNull();
  return instruction.getJSONStrings().map((each) => JSON.parse(each.getValue()));
}
