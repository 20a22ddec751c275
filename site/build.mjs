// Builds the website into dist: index.html, and beside it assets whose names carry a hash of their content, and the
// licences of the packages in them.
// Each file appears in one step, so that several builds at once do not disturb each other, nor those who read.
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", icon: "src/icon.svg" },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"], // the first with light-dark() in CSS
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "copy" },
  banner: { js: "/*! Licences of the packages in here: /licences.txt */" },
  outdir: dist,
  entryNames: "assets/[name]-[hash]",
  metafile: true,
  write: false,
  logLevel: "warning",
});

const built = (extension) => {
  const name = Object.keys(metafile.outputs).find((path) => path.endsWith(extension));
  return `/${relative("dist", name)}`;
};
const page = (await readFile(join(here, "src/index.html"), "utf8"))
  .replace("{script}", built(".js"))
  .replace("{style}", built(".css"))
  .replace("{icon}", built(".svg"));

const files = new Map(outputFiles.map((file) => [relative(dist, file.path), file.contents]));
files.set("index.html", page);
files.set("licences.txt", await licences(Object.keys(metafile.inputs)));

await mkdir(join(dist, "assets"), { recursive: true });
for (const [name, contents] of files) {
  const draft = join(here, `.${process.pid}.draft`);
  await writeFile(draft, contents);
  await rename(draft, join(dist, name));
}
for (const name of await readdir(dist, { recursive: true })) {
  if (name !== "assets" && !files.has(name)) await rm(join(dist, name), { recursive: true, force: true });
}

/** Of every package that has a file in the bundle. */
async function licences(inputs) {
  const found = inputs.map((path) => /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(path)).filter(Boolean);
  const packages = new Map(found.map(([, path, name]) => [name, path]));
  const texts = [...packages].sort().map(async ([name, path]) => {
    return `${name}\n\n${await readFile(join(here, path, "LICENSE"), "utf8")}`;
  });
  return (await Promise.all(texts)).join("\n\n");
}
