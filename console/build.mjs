// Bundles the console: `node build.mjs [--out FOLDER]`, by default into dist/.
//
// The result is index.html, readable, and assets/*.gz. Names carry a hash of their content, so that a
// browser may keep them for ever. Nothing in the result points to another machine.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: join(here, 'dist') } } });
const out = resolve(values.out);
const compress = promisify(gzip);

// GraphiQL ships its web fonts and the editor's icons inside its style sheet, half a megabyte of text.
// The console uses the reader's own fonts; the icons become a file, fetched when a widget needs them.
const leanStyles = {
  name: 'lean-styles',
  setup(build) {
    build.onLoad({ filter: /[\\/]graphiql[\\/]dist[\\/]style\.css$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(/@font-face\s*\{[^}]*\}/g, (face) =>
        /font-family:\s*codicon/.test(face)
          ? '@font-face{font-family:codicon;font-display:block;src:url("monaco-editor/esm/vs/base/browser/ui/codicons/codicon/codicon.ttf")}'
          : '');
      return { contents, loader: 'css', resolveDir: dirname(path) };
    });
    // GraphiQL's sheet already holds the editor's rules.
    build.onLoad({ filter: /[\\/]monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'js' }));
  },
};

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  outdir: out,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};

// The editor's workers first: the page must know their hashed names.
const workers = await esbuild.build({
  ...common,
  format: 'iife',
  entryNames: '[name]-[hash]',
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
});
const workerName = (label) =>
  basename(workers.outputFiles.find((file) => basename(file.path).startsWith(`${label}.worker-`)).path);

const page = await esbuild.build({
  ...common,
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  entryPoints: { boot: 'src/boot.js', app: 'src/app.jsx' },
  loader: { '.ttf': 'file', '.svg': 'file' },
  plugins: [leanStyles],
  metafile: true,
  define: {
    ...common.define,
    CAIRN_WORKERS: JSON.stringify({
      editor: workerName('editor'),
      json: workerName('json'),
      graphql: workerName('graphql'),
    }),
  },
});
const output = (entry, extension) => {
  for (const [path, { entryPoint, cssBundle }] of Object.entries(page.metafile.outputs)) {
    if (entryPoint === entry) return basename(extension === '.css' ? cssBundle : path);
  }
  throw new Error(`no output for ${entry}`);
};

await rm(out, { recursive: true, force: true });
await mkdir(join(out, 'assets'), { recursive: true });

const icon = await readFile(join(here, 'src', 'cairn.svg'));
const iconName = `cairn-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
const names = {
  '@boot.js@': output('src/boot.js'),
  '@boot.css@': output('src/boot.js', '.css'),
  '@app.js@': output('src/app.jsx'),
  '@app.css@': output('src/app.jsx', '.css'),
  '@icon@': iconName,
};
const template = await readFile(join(here, 'index.html'), 'utf8');
await writeFile(join(out, 'index.html'), template.replace(/@[a-z.]+@/g, (name) => names[name] ?? name));

let raw = 0;
let packed = 0;
const files = [
  ...workers.outputFiles.map((file) => [basename(file.path), file.contents]),
  ...page.outputFiles.map((file) => [basename(file.path), file.contents]),
  [iconName, icon],
];
for (const [name, contents] of files) {
  const small = await compress(contents, { level: 9 });
  raw += contents.length;
  packed += small.length;
  await writeFile(join(out, 'assets', `${name}.gz`), small);
}
const kinds = [...new Set(files.map(([name]) => extname(name)))].join(' ');
console.log(`console: ${files.length} files (${kinds}), ${raw} bytes, ${packed} compressed, in ${out}`);
