// The public contract, and programs that read it.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSchema } from "graphql";

export const HERE = fileURLToPath(new URL("./", import.meta.url));
export const SCHEMA_FILE = fileURLToPath(new URL("../../schema.graphql", import.meta.url));

export const readSchema = () => buildSchema(readFileSync(SCHEMA_FILE, "utf8"));

/** Runs a program of node_modules in a folder; its whole output is the reason when it fails. */
export async function program(folder, name, ...options) {
  try {
    return await promisify(execFile)(join(HERE, "node_modules/.bin", name), options, {
      cwd: folder,
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (error) {
    throw new Error(`${name} ${options.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
  }
}

/** Gives a folder that is gone afterwards. */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "cairn-clients-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Types of our own, without those of the language and of introspection. */
export const ownTypes = (schema) =>
  Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
