// The sharp peer; speaks as peers.py does. One pipeline for each size from the same bytes, as AWS's own image solution
// runs it, one thread, no cache of operations, which would answer repeated inputs without work.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import sharp from "sharp";

const QUALITY = 80;

sharp.concurrency(1);
sharp.cache(false);

async function render(data, format, sides) {
  const renditions = [];
  for (const side of sides) {
    const fitting = { width: side, height: side, fit: "inside", withoutEnlargement: true };
    renditions.push(await sharp(data).autoOrient().resize(fitting).toFormat(format, { quality: QUALITY }).toBuffer());
  }
  return renditions;
}

function say(answer) {
  process.stdout.write(JSON.stringify(answer) + "\n");
}

say({ ready: `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}` });
let path;
let data;
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.path !== path) {
    path = request.path;
    data = readFileSync(path);
  }
  const began = process.cpuUsage();
  const renditions = await render(data, request.format, request.sides);
  const { user, system } = process.cpuUsage(began);
  if (request.save) {
    request.sides.forEach((side, at) =>
      writeFileSync(join(request.save, `sharp-${side}.${request.format}`), renditions[at]),
    );
  }
  say({ seconds: (user + system) / 1e6, bytes: renditions.map((each) => each.length) });
}
